import CDriftFormat
import CDriftKernels
import DriftFormat

extension Executor {
  /// Convolution without a copy of its input: a strip of output pixels gets one table of pointers to the pixels under each tap, which
  /// all blocks of output channels share; each tile of sums is requantized and stored while it is in the first cache.
  func convolve(_ operation: drift_operator) {
    let (x, y) = (operand(operation.inputs.0), operand(operation.output))
    let residual = operation.inputs.1.isPresent ? operand(operation.inputs.1) : nil
    let taps = Int(truncatingIfNeeded: operation.kernel_height) &* Int(truncatingIfNeeded: operation.kernel_width)
    let layout = ConvolutionScratch(
      taps: UInt64(truncatingIfNeeded: taps), inputs: UInt64(truncatingIfNeeded: x.channels),
      outputs: UInt64(truncatingIfNeeded: y.channels))
    let memory = scratch(operation)
    prepareChannels(operation, x, y, memory: memory, layout)
    let zeroPixel = memory.at(layout.zeroPixel, Int8.self)
    for c in 0..<x.stride { zeroPixel[c] = x.isPair ? 0 : Int8(truncatingIfNeeded: x.zeroPoint) }
    let indirection = Indirection(
      operation, input: x, outputWidth: y.width, zeroPixel: zeroPixel, tileRows: Int(truncatingIfNeeded: kernels.pointee.tile_rows),
      table: memory.at(layout.pointers, UnsafePointer<Int8>.self))
    let sums = memory.at(layout.sums, Int32.self)
    let weights = file.data(of: Int(truncatingIfNeeded: operation.constants.0)).assumingMemoryBound(to: Int8.self)
    let words = (x.channels &+ 3) / 4
    let whole = destination(y)
    let valueBytes = y.type == DRIFT_TYPE_FLOAT32.rawValue ? 4 : y.type == DRIFT_TYPE_INT16.rawValue ? 2 : 1
    let multipliers = memory.at(layout.multipliers, Float.self)
    let biases = memory.at(layout.biases, Float.self)
    let offsets = memory.at(layout.offsets, Int32.self)
    var tile = drift_tile(
      offset: offsets, multiplier: multipliers, bias: biases, pixels: 0, columns: 0, pair: x.isPair ? 1 : 0, residual: nil,
      residual_stride: residual?.stride ?? 0, residual_gain: residual.map { ($0.scale / y.scale) * operation.gain } ?? 0)
    var target = whole
    var pixel = 0
    while pixel < y.pixels {
      let strip = min(indirection.stripPixels, y.pixels &- pixel)
      indirection.fill(from: pixel, count: strip)
      var channel = 0
      while channel < y.channels {
        tile.columns = UInt32(truncatingIfNeeded: min(16, y.channels &- channel))
        tile.multiplier = UnsafePointer(multipliers + channel)
        tile.bias = UnsafePointer(biases + channel)
        tile.offset = UnsafePointer(offsets + channel)
        let block = weights + (channel / 16) &* taps &* words &* 64
        var done = 0
        var pointers = indirection.table
        while done < strip {
          kernels.pointee.multiply(
            pointers, UInt32(truncatingIfNeeded: taps), UInt32(truncatingIfNeeded: words), block, sums)
          let first = (pixel &+ done) &* y.stride &+ channel
          tile.pixels = UInt32(truncatingIfNeeded: min(indirection.tilePixels, strip &- done))
          if let residual { tile.residual = UnsafePointer(residual.int16 + ((pixel &+ done) &* residual.stride &+ channel)) }
          target.base = whole.base + first &* valueBytes
          kernels.pointee.store_tile(sums, &tile, &target)
          done &+= indirection.tilePixels
          pointers += taps &* indirection.tileRows
        }
        channel &+= 16
      }
      pixel &+= strip
    }
  }

  /// m, b and c of docs/arithmetic.md for every output channel; zeros up to the end of the last block.
  private func prepareChannels(
    _ operation: drift_operator, _ x: Operand, _ y: Operand, memory: UnsafeMutableRawPointer, _ layout: ConvolutionScratch
  ) {
    let multipliers = memory.at(layout.multipliers, Float.self)
    let biases = memory.at(layout.biases, Float.self)
    let offsets = memory.at(layout.offsets, Int32.self)
    let scales = floats(operation.constants.1)
    let bias = floats(operation.constants.2)
    let weightSums = file.data(of: Int(truncatingIfNeeded: operation.constants.3)).assumingMemoryBound(to: Int32.self)
    // The scale of a float32 tensor is 1, so one formula serves every type.
    let (ratio, inverse) = (x.scale / y.scale, 1 / y.scale)
    var o = 0
    while o < y.channels {
      multipliers[o] = scales[o] * ratio
      var total = bias[o]
      if operation.step_column.isPresent, let stepRow {
        let step = stepRow[Int(truncatingIfNeeded: operation.step_column) &+ o]
        total = total + drift_f32_from_i32(Int32(truncatingIfNeeded: step)) * operation.step_scale
      }
      biases[o] = total * inverse
      offsets[o] = x.isPair ? 0 : 0 &- x.zeroPoint &* weightSums[o]
      o &+= 1
    }
    while o & 15 != 0 {
      (multipliers[o], biases[o], offsets[o]) = (0, 0, 0)
      o &+= 1
    }
  }
}
