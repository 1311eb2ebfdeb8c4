import DriftFormat
import DriftTestImages
import Testing

@Suite struct ChecksumTests {
  private func checksum(_ bytes: [UInt8]) -> UInt32 {
    bytes.withUnsafeBytes { FileChecksum.of($0) }
  }

  /// Check value of the CRC catalogue, and the vectors of RFC 3720, B.4.
  @Test func knownValues() {
    #expect(checksum([]) == 0)
    #expect(checksum(Array("123456789".utf8)) == 0xE306_9283)
    #expect(checksum([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
    #expect(checksum([UInt8](repeating: 0xFF, count: 32)) == 0x62A8_AB43)
    #expect(checksum(Array(0..<32)) == 0x46DD_794E)
    #expect(checksum(Array((0..<32).reversed())) == 0x113F_DB5C)
  }

  @Test func tablesAndInstructionsAgreeAtAllLengthsAndAlignments() {
    var random = SeededGenerator(seed: 9)
    let bytes = (0..<300).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    bytes.withUnsafeBytes { bytes in
      for start in 0..<17 {
        for length in 0..<(bytes.count - 17) {
          let part = UnsafeRawBufferPointer(rebasing: bytes[start..<start + length])
          #expect(drift_crc32c(5, part.baseAddress, length) == drift_crc32c_tables(5, part.baseAddress, length))
        }
      }
    }
  }

  @Test func aChecksumContinuesWhereTheLastOneEnded() {
    let bytes = Array("spindrift".utf8)
    for cut in 0...bytes.count {
      let first = drift_crc32c(0, Array(bytes[..<cut]), cut)
      #expect(drift_crc32c(first, Array(bytes[cut...]), bytes.count - cut) == checksum(bytes))
    }
  }
}
