import DriftFormat
import DriftTestImages
import Testing

@Suite struct HostileFileTests {
  private static let files = Result { try HostileFiles.make() }

  @Test func everyHostileFileMeetsItsOwnRuleAtTheRightByte() throws {
    for file in try Self.files.get() {
      let verdict = AlignedFile(file.bytes).verdict
      #expect(verdict?.code == file.code, "\(file.name): \(String(describing: verdict))")
      if verdict?.code == file.code {
        #expect(verdict?.offset == UInt64(file.offset), "\(file.name): \(String(describing: verdict))")
      }
    }
  }

  @Test func everyRuleOfTheFormatHasAHostileFile() throws {
    let covered = Set(try Self.files.get().map(\.code))
    // A misaligned address is no property of a file; it has its own test.
    let rules = DriftErrorCode.allCases.filter { $0.rawValue < 900 && $0 != .fileMisaligned }
    for rule in rules { #expect(covered.contains(rule), "no hostile file for \(rule)") }
  }

  @Test func namesAreUnique() throws {
    let names = try Self.files.get().map(\.name)
    #expect(Set(names).count == names.count)
  }

  @Test func aMisalignedFileIsRefused() throws {
    let bytes = try TestImages.minimal().encode()
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count + 64, alignment: 64)
    defer { memory.deallocate() }
    for shift in [1, 8, 32] {
      let shifted = UnsafeMutableRawBufferPointer(rebasing: memory[shift..<shift + bytes.count])
      shifted.copyBytes(from: bytes)
      let error = #expect(throws: DriftError.self) { try DriftFile(verifying: UnsafeRawBufferPointer(shifted)) }
      #expect(error == DriftError(.fileMisaligned, found: UInt64(shift)))
    }
  }
}
