import CDriftFormat
import DriftFormat
import DriftRuntime
import Testing

extension OperatorTests {
  @Test func depthwiseConvolutionsOfEveryShape() throws {
    var seed: UInt64 = 11000
    for channels in [1, 3, 4, 5, 15, 16, 17, 31, 32, 33, 50, 70] {
      for (height, width) in [(1, 1), (3, 5), (7, 7), (5, 23)] {
        for kernel in [(1, 1), (3, 3), (2, 3), (5, 1)] where kernel.0 <= height + 2 && kernel.1 <= width + 2 {
          seed += 1
          let output = [DRIFT_TYPE_INT8, DRIFT_TYPE_INT16][Int(seed) % 2]
          var b = ProgramBuilder(channels: 2, height: height, width: width, classes: 2, seed: seed)
          b.usesExtremes = seed % 5 == 0
          let x = b.quantize(b.trunk(channels: channels), DRIFT_TYPE_INT8)
          let pad = (kernel.0 / 2, kernel.1 / 2)
          b.finish(
            b.convolveDepthwise(x, to: output, size: (height, width), kernel: kernel, pad: pad, stepBias: seed % 3 == 0))
          try check(b, "\(channels) channels, \(height)x\(width), kernel \(kernel) to \(output)")
        }
      }
    }
  }

  @Test func depthwiseConvolutionsWithStridesAndPadding() throws {
    var seed: UInt64 = 12000
    for size in [4, 5, 7, 8] {
      for stride in 1...3 {
        for pad in 0...2 {
          seed += 1
          let small = (size + 2 * pad - 3) / stride + 1
          let enlarged = 2 * small
          guard small >= 1, enlarged >= size else { continue }
          var b = ProgramBuilder(channels: 1, height: size, width: size, seed: seed)
          b.usesExtremes = seed % 2 == 0
          let x = b.quantize(b.trunk(channels: 18), DRIFT_TYPE_INT8)
          let down = b.convolveDepthwise(
            x, to: DRIFT_TYPE_INT8, size: (small, small), kernel: (3, 3), stride: stride, pad: (pad, pad), symmetric: seed % 3 == 0)
          // Back to the sample's size: enlarged twice, cut by a kernel that fits.
          let kernel = enlarged - size + 1
          b.finish(
            b.convolve(down, to: DRIFT_TYPE_INT16, channels: 5, size: (size, size), kernel: (kernel, kernel), upsample: true))
          try check(b, "size \(size), stride \(stride), pad \(pad)")
        }
      }
    }
  }

  @Test func aStripOfADepthwiseConvolutionEndsAnywhere() throws {
    // More pixels than a strip of 48 rows, by every remainder of a tile.
    for width in 45...61 {
      var b = ProgramBuilder(channels: 1, height: 1, width: width, groups: 1, seed: UInt64(13000 + width))
      let x = b.quantize(b.trunk(channels: 19), DRIFT_TYPE_INT8)
      b.finish(b.convolveDepthwise(x, to: DRIFT_TYPE_INT16, size: (1, width), kernel: (1, 7), pad: (0, 3)))
      try check(b, "width \(width)")
    }
  }
}
