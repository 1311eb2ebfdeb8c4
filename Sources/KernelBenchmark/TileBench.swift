import CDriftKernels
import CDriftPlatform
import DriftRuntime

/// Times the matrix product of a layer tile by tile, as the engine calls it, with weights and operands in the caches.
struct TileBench: ~Copyable {
  private let shape: LayerShape
  private let kernels: UnsafePointer<drift_kernel_set>
  private let input: UnsafeMutableRawBufferPointer
  private let weights: UnsafeMutableRawBufferPointer
  private let output: UnsafeMutableRawBufferPointer
  private let channels: UnsafeMutableBufferPointer<Float>
  private let offsets: UnsafeMutableBufferPointer<Int32>
  private let table: UnsafeMutableBufferPointer<UnsafePointer<Int8>>

  init(_ shape: LayerShape, _ set: KernelSet) {
    self.shape = shape
    kernels = set.functions
    let rows = (shape.pixels + 47) / 48 * 48
    let blocks = (shape.outputs + 15) / 16
    let side = shape.size + shape.kernel - 1
    input = .allocate(byteCount: side * side * shape.words * 4 + 64, alignment: 64)
    weights = .allocate(byteCount: blocks * shape.taps * shape.words * 64, alignment: 64)
    output = .allocate(byteCount: shape.pixels * blocks * 16 * 2, alignment: 64)
    channels = .allocate(capacity: blocks * 16)
    offsets = .allocate(capacity: blocks * 16)
    for i in 0..<input.count { input[i] = UInt8(truncatingIfNeeded: i &* 31) }
    for i in 0..<weights.count { weights[i] = UInt8(bitPattern: Int8(truncatingIfNeeded: i &* 7 % 255 - 127)) }
    channels.initialize(repeating: 0x1p-12)
    offsets.initialize(repeating: 3)
    table = .allocate(capacity: rows * shape.taps)
    let base = UnsafePointer(input.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: Int8.self))
    table.initialize(repeating: base)
    var window = drift_window(
      base: base, zero_pixel: base, pixel_bytes: shape.words * 4, row_bytes: side * shape.words * 4, plane_bytes: 0, pair: 0,
      kernel_height: UInt32(shape.kernel), kernel_width: UInt32(shape.kernel), stride: 1, pad_top: 0, pad_left: 0, shift: 0,
      height: UInt32(side), width: UInt32(side), output_width: UInt32(shape.size), tile_rows: kernels.pointee.tile_rows)
    drift_point_pixels(&window, 0, UInt32(shape.pixels), table.baseAddress.unsafelyUnwrapped)
  }

  deinit {
    input.deallocate()
    weights.deallocate()
    output.deallocate()
    channels.deallocate()
    offsets.deallocate()
    table.deallocate()
  }

  /// Giga multiply-adds per second: the best of several rounds of at least 2 ms.
  func rate(rounds: Int) -> Double {
    var repetitions = 1
    while time(repetitions) < 2_000_000 { repetitions *= 2 }
    let best = (0..<rounds).map { _ in time(repetitions) }.min() ?? 1
    return Double(shape.multiplyAdds * repetitions) / Double(best)
  }

  private func time(_ repetitions: Int) -> UInt64 {
    let start = drift_clock_nanoseconds()
    for _ in 0..<repetitions { multiply() }
    return max(drift_clock_nanoseconds() - start, 1)
  }

  private func multiply() {
    let rows = Int(kernels.pointee.tile_rows), columns = 16 * Int(kernels.pointee.tile_blocks)
    var tile = drift_tile(
      taps: UInt32(shape.taps), words: UInt32(shape.words), pixels: 0, columns: 0, pair: 0,
      offset: offsets.baseAddress.unsafelyUnwrapped, multiplier: channels.baseAddress, bias: channels.baseAddress, row_factor: nil,
      residual: nil, residual_stride: 0, residual_gain: 0, next: nil)
    var target = drift_destination(
      base: output.baseAddress.unsafelyUnwrapped, low: nil, stride: shape.outputs, type: DRIFT_STORE_INT16.rawValue,
      quantizer: drift_quantizer(low: -32767, high: 32767, zero_point: 0))
    // Strips as in the engine, so that weights are met as often.
    for strip in stride(from: 0, to: shape.pixels, by: 48) {
      for channel in stride(from: 0, to: shape.outputs, by: columns) {
        let block = weights.baseAddress.unsafelyUnwrapped + channel / 16 * shape.taps * shape.words * 64
        tile.columns = UInt32(min(columns, shape.outputs - channel))
        for pixel in stride(from: strip, to: min(strip + 48, shape.pixels), by: rows) {
          tile.pixels = UInt32(min(rows, shape.pixels - pixel))
          target.base = output.baseAddress.unsafelyUnwrapped + (pixel * shape.outputs + channel) * 2
          kernels.pointee.multiply(
            table.baseAddress.unsafelyUnwrapped + pixel * shape.taps, block.assumingMemoryBound(to: Int8.self), &tile, &target)
        }
      }
    }
  }
}
