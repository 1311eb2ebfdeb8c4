import COpenBLAS
import DriftGraph

extension KernelCall {
  /// Floats of unrolled input made at a time: more would leave the second-level cache, less would pack weights more often.
  private static let columnBudget = 256 * 1024

  /// A convolution as matrix products: weights [outputs, inputs * taps] times the unrolled input [inputs * taps, pixels].
  func convolve(_ input: UnsafePointer<Float>, _ convolution: Convolution) {
    let (source, result) = (shape(0), node.shape)
    let depth = source.channels * convolution.taps
    parameter(convolution.weight).withUnsafeBufferPointer { weights in
      guard let weights = weights.baseAddress else { return }
      fillWithBias(convolution.bias.map(parameter), pixels: result.pixels)
      if convolution.taps == 1, convolution.stride == 1, source.pixels == result.pixels {
        multiply(weights, input, rows: result.channels, depth: depth, columns: result.pixels, stride: result.pixels, into: out)
        return
      }
      let rowsAtOnce = max(1, min(result.height, Self.columnBudget / (depth * result.width)))
      let columns = workspace.scratch(depth * rowsAtOnce * result.width)
      for firstRow in Swift.stride(from: 0, to: result.height, by: rowsAtOnce) {
        let rows = firstRow..<min(firstRow + rowsAtOnce, result.height)
        unroll(input, convolution, rows, into: columns)
        multiply(
          weights, columns, rows: result.channels, depth: depth, columns: rows.count * result.width, stride: result.pixels,
          into: out + firstRow * result.width)
      }
    }
  }

  /// Adds left [rows, depth] times right [depth, columns] to a result whose rows lie `stride` apart.
  private func multiply(
    _ left: UnsafePointer<Float>, _ right: UnsafePointer<Float>, rows: Int, depth: Int, columns: Int, stride: Int,
    into result: UnsafeMutablePointer<Float>
  ) {
    if columns == 1 && stride == 1 {
      cblas_sgemv(CblasRowMajor, CblasNoTrans, Int32(rows), Int32(depth), 1, left, Int32(depth), right, 1, 1, result, 1)
    } else {
      cblas_sgemm(
        CblasRowMajor, CblasNoTrans, CblasNoTrans, Int32(rows), Int32(columns), Int32(depth), 1, left, Int32(depth), right,
        Int32(columns), 1, result, Int32(stride))
    }
  }

  private func fillWithBias(_ bias: [Float]?, pixels: Int) {
    for channel in 0..<node.shape.channels {
      (out + channel * pixels).update(repeating: bias?[channel] ?? 0, count: pixels)
    }
  }

  /// Lays out, for each input channel and tap, the input value that each output pixel of `rows` meets there; zero outside the image.
  private func unroll(
    _ input: UnsafePointer<Float>, _ convolution: Convolution, _ rows: Range<Int>, into columns: UnsafeMutablePointer<Float>
  ) {
    let (source, result) = (shape(0), node.shape)
    let stride = convolution.stride
    var target = columns
    for channel in 0..<source.channels {
      for ky in 0..<convolution.kernelHeight {
        for kx in 0..<convolution.kernelWidth {
          // Output columns whose tap lies inside the image.
          let shift = kx - convolution.padLeft
          let first = min(result.width, shift >= 0 ? 0 : (-shift + stride - 1) / stride)
          let limit = shift < source.width ? min(result.width, (source.width - 1 - shift) / stride + 1) : 0
          if stride == 1 && source.width == result.width {
            let row = rows.lowerBound + ky - convolution.padTop
            shiftedRows(input + channel * source.pixels, row, rows.count, shift, into: target)
            target += rows.count * result.width
            continue
          }
          for y in rows {
            let iy = y * stride + ky - convolution.padTop
            if iy < 0 || iy >= source.height || first >= limit {
              target.update(repeating: 0, count: result.width)
            } else {
              let row = input + (channel * source.height + iy) * source.width
              target.update(repeating: 0, count: first)
              for x in first..<limit { target[x] = row[x * stride + shift] }
              (target + limit).update(repeating: 0, count: result.width - limit)
            }
            target += result.width
          }
        }
      }
    }
  }

  /// Copies `count` rows of an image, moved sideways by `shift`: what leaves a row's end is replaced by zeros. As the rows follow each other
  /// in memory, all of them are one move.
  private func shiftedRows(
    _ image: UnsafePointer<Float>, _ firstRow: Int, _ count: Int, _ shift: Int, into target: UnsafeMutablePointer<Float>
  ) {
    let (width, height) = (shape(0).width, shape(0).height)
    let inside = max(firstRow, 0)..<max(max(firstRow, 0), min(firstRow + count, height))
    guard !inside.isEmpty, abs(shift) < width else { return target.update(repeating: 0, count: count * width) }
    let above = (inside.lowerBound - firstRow) * width
    let length = inside.count * width
    target.update(repeating: 0, count: above)
    (target + above + length).update(repeating: 0, count: count * width - above - length)
    let (to, from) = (target + above, image + inside.lowerBound * width)
    if shift < 0 {
      (to - shift).update(from: from, count: length + shift)
      for row in 0..<inside.count { (to + row * width).update(repeating: 0, count: -shift) }
    } else {
      to.update(from: from + shift, count: length - shift)
      for row in 1...inside.count { (to + row * width - shift).update(repeating: 0, count: shift) }
    }
  }
}
