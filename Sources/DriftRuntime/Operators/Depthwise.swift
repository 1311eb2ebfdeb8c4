import CDriftFormat
import CDriftKernels
import DriftFormat

/// A convolution of each channel by itself. As for a full one, a strip of output pixels gets a table of pointers to the pixels under each
/// tap; the kernel takes all channels of a tile at once. Threads share out the pixels.
struct Depthwise {
  private let kernels: UnsafePointer<drift_kernel_set>
  private let indirection: Indirection
  private let weights: UnsafePointer<Int8>
  private let offsets: UnsafeMutablePointer<Int32>
  private let multipliers: UnsafeMutablePointer<Float>, biases: UnsafeMutablePointer<Float>
  private let whole: drift_destination
  private let valueBytes: Int
  private let taps: Int, channels: Int
  private let ownPixels: Range<Int>

  init(_ executor: Executor, _ operation: drift_operator) {
    let (x, y) = (executor.operand(operation.inputs.0), executor.operand(operation.output))
    kernels = executor.kernels
    let set = kernels.pointee
    taps = Int(truncatingIfNeeded: operation.kernel_height) &* Int(truncatingIfNeeded: operation.kernel_width)
    channels = y.channels
    let count = UInt64(truncatingIfNeeded: channels)
    let layout = ConvolutionScratch(taps: UInt64(truncatingIfNeeded: taps), inputs: count, outputs: count)
    let memory = executor.scratch(operation)
    offsets = memory.at(layout.offsets, Int32.self)
    multipliers = memory.at(layout.multipliers, Float.self)
    biases = memory.at(layout.biases, Float.self)
    let zeroPixel = memory.at(layout.zeroPixel, Int8.self)
    let zero = Int8(truncatingIfNeeded: x.zeroPoint &+ set.operand_bias)
    for c in 0..<x.stride { zeroPixel[c] = zero }
    indirection = Indirection(
      operation, input: x, outputWidth: y.width, zeroPixel: zeroPixel, tileRows: Int(truncatingIfNeeded: set.tile_rows),
      table: memory.at(layout.pointers, UnsafePointer<Int8>.self))
    weights = UnsafePointer(
      executor.file.data(of: Int(truncatingIfNeeded: operation.constants.0)).assumingMemoryBound(to: Int8.self))
    whole = executor.destination(y)
    valueBytes = y.type == DRIFT_TYPE_INT16.rawValue ? 2 : 1
    ownPixels = executor.team.share(of: y.pixels, granule: indirection.tilePixels)
    let scales = ChannelScales(executor, operation, x, y)
    for c in 0..<channels { (multipliers[c], biases[c], offsets[c]) = scales.values(output: c, channel: c) }
    for c in channels..<roundUp(channels, to: 16) { (multipliers[c], biases[c], offsets[c]) = (0, 0, 0) }
  }

  /// This thread's share, strip by strip.
  func run() {
    let most = Indirection.stripPixels(isPair: false)
    var pixel = ownPixels.lowerBound
    while pixel < ownPixels.upperBound {
      let count = min(most, ownPixels.upperBound &- pixel)
      indirection.fill(from: pixel, count: count)
      convolve(from: pixel, count: count)
      pixel &+= count
    }
  }

  /// All tiles of a strip.
  private func convolve(from first: Int, count: Int) {
    var tile = drift_tile(
      taps: UInt32(truncatingIfNeeded: taps), words: 0, pixels: 0, columns: UInt32(truncatingIfNeeded: channels), pair: 0,
      offset: offsets, multiplier: multipliers, bias: biases, row_factor: nil, residual: nil, residual_stride: 0, residual_gain: 0,
      next: nil)
    var target = whole
    var pointers = indirection.table
    var done = 0
    while done < count {
      tile.pixels = UInt32(truncatingIfNeeded: min(indirection.tileRows, count &- done))
      target.base = whole.base + (first &+ done) &* whole.stride &* valueBytes
      kernels.pointee.depthwise(pointers, weights, &tile, &target)
      done &+= indirection.tileRows
      pointers += taps &* indirection.tileRows
    }
  }
}

extension Executor {
  func convolveDepthwise(_ operation: drift_operator) {
    Depthwise(self, operation).run()
  }
}
