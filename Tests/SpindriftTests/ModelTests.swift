import DriftEmission
import DriftTestImages
import Foundation
import Spindrift
import Testing

/// The Swift interface for embedding.
struct ModelTests {
  @Test
  func aMappedModelAndOneInMemoryGenerateTheSame() throws {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("model-\(UUID().uuidString).drift").path
    try TestImages.complete().write(to: path)
    defer { try? FileManager.default.removeItem(atPath: path) }
    let mapped = try Model(mapping: path)
    #expect(mapped.sampleCount == 64)
    #expect(mapped.stepCount == 4)
    let bytes = AlignedFile(try TestImages.complete().encode())
    let inMemory = try Model(verifying: bytes.bytes)
    #expect(try generate(mapped) == generate(inMemory))
  }

  @Test
  func aModelWithADecoderHasPicturesOfAnotherSizeThanSamples() throws {
    let bytes = AlignedFile(try TestImages.transformer().encode())
    let model = try Model(verifying: bytes.bytes)
    #expect(model.sampleCount == 32)
    #expect(model.pictureCount == 192)
    #expect(try Set(generate(model).map(\.bitPattern)).count > 50)
  }

  @Test
  func aMissingFileIsAnErrorWithItsNumber() {
    #expect(
      code { () throws(DriftError) in _ = try Model(mapping: "/no/such/file") } == DriftError(.mapFailed, found: UInt64(ENOENT)))
    #expect(code { () throws(DriftError) in _ = try Model(mapping: "/") } == DriftError(.notRegularFile))
  }

  @Test
  func anArenaOneByteTooSmallIsRefusedWithBothNumbers() throws {
    let bytes = AlignedFile(try TestImages.complete().encode())
    let model = try Model(verifying: bytes.bytes)
    let needed = model.arenaBytes()
    let arena = UnsafeMutableRawBufferPointer.allocate(byteCount: Int(needed), alignment: 64)
    defer { arena.deallocate() }
    let small = UnsafeMutableRawBufferPointer(rebasing: arena.dropLast())
    let error = code { () throws(DriftError) in _ = try model.session(arena: small) }
    #expect(error == DriftError(.arenaTooSmall, expected: needed, found: needed - 1))
  }

  private func generate(_ model: borrowing Model) throws -> [Float] {
    let arena = UnsafeMutableRawBufferPointer.allocate(byteCount: Int(model.arenaBytes()), alignment: 64)
    defer { arena.deallocate() }
    var session = try model.session(arena: arena)
    var sample = [Float](repeating: .nan, count: model.pictureCount)
    try sample.withUnsafeMutableBufferPointer { try session.generate(Request(seed: 3, classLabel: 1), into: $0) }
    #expect(!sample.contains { !$0.isFinite })
    return sample
  }

  private func code(_ body: () throws(DriftError) -> Void) -> DriftError? {
    do throws(DriftError) {
      try body()
      return nil
    } catch {
      return error
    }
  }
}
