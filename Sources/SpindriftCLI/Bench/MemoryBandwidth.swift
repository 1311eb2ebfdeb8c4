import CDriftPlatform
import Dispatch

/// What reading memory reaches where nothing is computed.
enum MemoryBandwidth {
  /// Gigabytes per second of `threads` threads together, each reading memory of its own beyond any cache: the best of the rounds that fit
  /// into the budget, or nil if there is not enough memory.
  static func measure(threads: Int, budget: Duration) -> Double? {
    let bytes = 128 << 20
    let length = UInt64(bytes * threads)
    guard let memory = drift_map_memory(length) else { return nil }
    defer { drift_unmap_memory(memory, length) }
    UnsafeMutableRawBufferPointer(start: memory, count: bytes * threads).initializeMemory(as: UInt8.self, repeating: 1)
    let place = UInt(bitPattern: memory)
    let end = ContinuousClock.now + budget
    var best = 0.0
    repeat {
      let start = drift_clock_nanoseconds()
      DispatchQueue.concurrentPerform(iterations: threads) { thread in
        guard let part = UnsafeRawPointer(bitPattern: place + UInt(thread * bytes)) else { return }
        if sum(part, bytes: bytes) == 1 { StandardError.write("") }
      }
      best = max(best, Double(length) / Double(max(drift_clock_nanoseconds() - start, 1)))
    } while ContinuousClock.now < end
    return best
  }

  /// Sums keep the reads from being optimized away.
  private static func sum(_ memory: UnsafeRawPointer, bytes: Int) -> UInt64 {
    var (a, b) = (SIMD8<UInt64>.zero, SIMD8<UInt64>.zero)
    for offset in stride(from: 0, to: bytes, by: 128) {
      a &+= memory.load(fromByteOffset: offset, as: SIMD8<UInt64>.self)
      b &+= memory.load(fromByteOffset: offset + 64, as: SIMD8<UInt64>.self)
    }
    return (a &+ b).wrappedSum()
  }
}
