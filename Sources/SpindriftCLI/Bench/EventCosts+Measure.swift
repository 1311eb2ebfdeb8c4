import CDriftKernels
import CDriftPlatform
import DriftRuntime

extension EventCosts {
  /// Times the kernels on one layer, 3x3 from 64 channels to 64 at 28x28 pixels, in nanoseconds: the dense product, then gathering and
  /// scattering with no, few and more events. Each time is the least of several.
  static func measure(_ kernels: KernelSet) -> EventCosts {
    let layer = EventLayer(kernels.functions)
    defer { layer.free() }
    let operations = Double(EventLayer.pixels * EventLayer.taps * EventLayer.channels * EventLayer.channels)
    let visits = Double(EventLayer.pixels * EventLayer.taps)
    let dense = layer.time { layer.multiply() } / operations
    let additions = { (events: Int) in visits * Double(events * EventLayer.channels) }

    layer.send(0)
    let idle = layer.time { layer.gather() }
    layer.send(8)
    let gather = layer.time { layer.gather() }
    layer.send(1)
    let single = layer.time { layer.scatter() }
    layer.send(8)
    let several = layer.time { layer.scatter() }
    let addition = max((several - single) / (additions(8) - additions(1)), 1e-4)
    return EventCosts(
      denseOperation: Float(dense), gatherTap: Float(max(idle / visits, 1e-4)),
      gatherOperation: Float(max((gather - idle) / additions(8), 1e-4)),
      scatterTap: Float(max((single - additions(1) * addition) / visits, 1e-4)), scatterOperation: Float(addition))
  }
}

/// A layer's memory, and the ways to run it.
private struct EventLayer {
  static let side = 28, channels = 64, taps = 9, pixels = 28 * 28
  static let capacity = 8

  let kernels: UnsafePointer<drift_kernel_set>
  let rows: UnsafeMutablePointer<Int8>, input: UnsafeMutablePointer<Int8>
  let membranes: UnsafeMutablePointer<Int32>
  let lists: UnsafeMutablePointer<drift_event_list>, events: UnsafeMutablePointer<drift_event>
  let runs: UnsafeMutablePointer<drift_run>
  let pointers: UnsafeMutablePointer<UnsafePointer<Int8>>

  init(_ kernels: UnsafePointer<drift_kernel_set>) {
    self.kernels = kernels
    func aligned<T>(_ count: Int, _ type: T.Type) -> UnsafeMutablePointer<T> {
      let bytes = UnsafeMutableRawPointer.allocate(byteCount: count * MemoryLayout<T>.stride, alignment: 64)
      bytes.initializeMemory(as: UInt8.self, repeating: 1, count: count * MemoryLayout<T>.stride)
      return bytes.assumingMemoryBound(to: type)
    }
    let weights = Self.taps * Self.channels * Self.channels
    (rows, input) = (aligned(weights, Int8.self), aligned(Self.pixels * Self.channels, Int8.self))
    membranes = aligned(Self.pixels * Self.channels, Int32.self)
    (lists, events) = (aligned(Self.pixels, drift_event_list.self), aligned(Self.pixels * Self.capacity, drift_event.self))
    (runs, pointers) = (aligned(Self.taps, drift_run.self), aligned(Self.taps * Int(DRIFT_MAX_TILE_ROWS), UnsafePointer<Int8>.self))
    for index in 0..<Self.taps * Int(DRIFT_MAX_TILE_ROWS) { pointers[index] = UnsafePointer(input + index % 64 * Self.channels) }
  }

  func free() {
    for memory in [
      UnsafeMutableRawPointer(rows), .init(input), .init(membranes), .init(lists), .init(events), .init(runs), .init(pointers),
    ] {
      memory.deallocate()
    }
  }

  /// Nanoseconds, the least of 15.
  func time(_ body: () -> Void) -> Double {
    body()
    return (0..<15).map { _ in
      let start = drift_clock_nanoseconds()
      body()
      return Double(drift_clock_nanoseconds() - start)
    }.min() ?? 0
  }

  /// Gives every pixel so many events, spread over its channels.
  func send(_ count: Int) {
    for pixel in 0..<Self.pixels {
      let first = pixel * Self.capacity
      for index in 0..<count {
        let channel = UInt16((index * 37 + pixel) % Self.channels)
        events[first + index] = drift_event(channel: channel, payload: index % 2 == 0 ? 1 : -1)
      }
      lists[pixel] = drift_event_list(first: UInt32(first), count: UInt16(count), magnitude: UInt16(count))
    }
  }

  /// The dense product, with the sums as the result.
  func multiply() {
    let rowsOfTile = Int(kernels.pointee.tile_rows)
    let offset = drift_zero_offsets()
    for block in 0..<Self.channels / 16 {
      var pixel = 0
      while pixel < Self.pixels {
        var tile = drift_tile(
          taps: UInt32(Self.taps), words: UInt32(Self.channels / 4), pixels: UInt32(min(rowsOfTile, Self.pixels - pixel)),
          columns: 16, pair: 0, offset: offset, multiplier: nil, bias: nil, row_factor: nil, residual: nil, residual_stride: 0,
          residual_gain: 0, next: nil)
        var target = drift_destination(
          base: membranes + (block * Self.pixels + pixel) * 16, low: nil, stride: 16, type: DRIFT_STORE_SUMS.rawValue,
          quantizer: drift_quantizer())
        kernels.pointee.multiply(UnsafePointer(pointers), rows + block * Self.taps * Self.channels * 16, &tile, &target)
        pixel += rowsOfTile
      }
    }
  }

  private var synapses: drift_synapses {
    drift_synapses(
      lists: lists, events: events, rows: rows, tap_bytes: Self.channels * Self.channels, row_bytes: Self.channels,
      kernel_height: 3, kernel_width: 3, stride: 1, pad_top: 1, pad_left: 1, shift: 0, height: UInt32(Self.side),
      width: UInt32(Self.side), output_height: UInt32(Self.side), output_width: UInt32(Self.side), membranes: membranes,
      block_stride: Self.pixels * 16, blocks: UInt32(Self.channels / 16), runs: runs)
  }

  func gather() {
    var synapses = synapses
    drift_gather_events(&synapses, kernels, 0, UInt32(Self.pixels))
  }

  func scatter() {
    var synapses = synapses
    drift_scatter_events(&synapses, kernels, 0, UInt32(Self.pixels))
  }
}
