import AllocationProbe
import DriftFormat
import DriftRuntime
import DriftTestImages
import Foundation
import Testing

/// Throws mutated files at the verifier, and runs those that it accepts.
///
/// `SPINDRIFT_MUTATIONS` and `SPINDRIFT_MUTATION_SEED` in the environment change how many and which.
@Suite(.serialized) struct MutationTests {
  private static func setting(_ name: String, _ standard: Int) -> Int {
    ProcessInfo.processInfo.environment[name].flatMap { Int($0) } ?? standard
  }

  /// No crash, no byte outside the file, no heap call; whoever passes can run within its arena, and what it computes does not depend on
  /// what the arena held before.
  @Test func mutatedFilesAreRefusedOrRun() throws {
    let count = Self.setting("SPINDRIFT_MUTATIONS", 120_000)
    let seed = UInt64(Self.setting("SPINDRIFT_MUTATION_SEED", 1))
    let bases = [
      try TestImages.complete().encode(), try TestImages.cached().encode(), try TestImages.transformer().encode(),
      try TestImages.neurons().encode(),
      try TestImages.complete().encode(), try TestImages.cached().encode(), try TestImages.minimal().encode(),
      try TestImages.spiking().encode(), try TestImages.spiking().encode(),
    ]
    var mutator = Mutator(bases: bases, seed: seed)
    let memory = GuardedMemory(capacity: 1 << 20)
    let runner = GuardedRunner()
    var codes: [DriftErrorCode: Int] = [:]
    var (accepted, executed, heapCalls) = (0, 0, UInt64(0))
    CrashNote.install()

    ThrowHook.withoutBacktraces {
      for index in 0..<count {
        CrashNote.index = index
        let bytes = mutator.next()
        let file = place(bytes, in: memory, atEnd: index % 2 == 0)
        allocation_probe_begin()
        let verdict = Self.verdict(file)
        heapCalls += allocation_probe_end()
        switch verdict {
        case .failure(let error): codes[error.code, default: 0] += 1
        case .success(let file):
          accepted += 1
          if runner.run(file, seed: UInt64(index)) { executed += 1 }
        }
      }
    }

    print("\(count) mutated files: \(accepted) accepted, \(executed) executed, \(codes.count) different error codes")
    #expect(heapCalls == 0)
    #expect(accepted > count / 20)
    #expect(executed == accepted)
    #expect(codes.count >= 110)
  }

  /// Apart from the test itself, because a function that may throw anything puts every error on the heap.
  private static func verdict(_ bytes: UnsafeRawBufferPointer) -> Result<DriftFile, DriftError> {
    do throws(DriftError) {
      return .success(try DriftFile(verifying: bytes))
    } catch {
      return .failure(error)
    }
  }

  /// Places a file so that one of its ends touches a guard page.
  private func place(_ bytes: [UInt8], in memory: GuardedMemory, atEnd: Bool) -> UnsafeRawBufferPointer {
    var part = memory.atStart(bytes.count)
    if atEnd {
      // Whole lines end exactly at the guard page; other lengths do too in half of the cases, although their start is then misaligned.
      let slack = bytes.count % 4 < 2 ? 0 : (64 - bytes.count % 64) % 64
      part = UnsafeMutableRawBufferPointer(rebasing: memory.atEnd(bytes.count + slack)[..<bytes.count])
    }
    part.copyBytes(from: bytes)
    return UnsafeRawBufferPointer(part)
  }
}
