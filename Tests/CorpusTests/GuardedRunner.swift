import DriftFormat
import DriftRuntime
import DriftTestImages
import Testing

/// Runs verified files in an arena between guard pages.
final class GuardedRunner {
  private let memory = GuardedMemory(capacity: 1 << 26)

  /// Generates a sample twice, at both ends of the guarded memory and over different earlier contents; the results must not differ. Spiking
  /// programs add events up in one way, then in the other.
  /// - Returns: false if the file needs more memory than there is.
  func run(_ file: DriftFile, seed: UInt64) -> Bool {
    let length = Int(Session.arenaBytes(for: file.model, threads: 1))
    guard length <= memory.capacity else { return false }
    let first = generate(file, memory.atEnd(length), fill: 0x00, seed, .gather)
    let second = generate(file, memory.atStart(length), fill: 0xFF, seed, .scatter)
    #expect(first == second, "mutated file \(seed) depends on what its arena held before")
    return true
  }

  /// Bits of the sample.
  private func generate(
    _ file: DriftFile, _ arena: UnsafeMutableRawBufferPointer, fill: UInt8, _ seed: UInt64, _ strategy: SpikingOptions.Strategy
  ) -> [UInt32] {
    arena.initializeMemory(as: UInt8.self, repeating: fill)
    let count = Int(file.model.picture_channels * file.model.picture_height * file.model.picture_width)
    var result = [Float](repeating: 0, count: count)
    do {
      var session = try Session(file: file, arena: arena, threads: 1)
      session.spiking.strategy = strategy
      let hasNullClass = file.model.null_class >= 0
      let label: Int32 = hasNullClass || file.model.class_count == 0 ? -1 : 0
      try session.start(Request(seed: seed, classLabel: label, guidance: hasNullClass ? 2 : 1))
      for step in 0..<session.stepCount { try session.step(step) }
      try result.withUnsafeMutableBufferPointer { try session.copyPicture(into: $0) }
    } catch {
      Issue.record("mutated file \(seed) was accepted but not run: \(error)")
    }
    return result.map(\.bitPattern)
  }
}
