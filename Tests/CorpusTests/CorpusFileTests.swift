import DriftFormat
import DriftTestImages
import Foundation
import Testing

/// The corpus as it is kept in the repository.
@Suite struct CorpusFileTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Corpus")

  private func contents(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: Self.folder.appendingPathComponent(name)))
  }

  private func lines(_ name: String) throws -> [[Substring]] {
    String(decoding: try contents(name), as: UTF8.self).split(separator: "\n").map { $0.split(separator: " ") }
  }

  private func expect(_ bytes: [UInt8], _ name: Substring, code: Substring, offset: Substring) {
    let verdict = AlignedFile(bytes).verdict
    #expect(verdict?.code.rawValue ?? 0 == Int32(code), "\(name): \(String(describing: verdict))")
    #expect(verdict?.offset ?? 0 == UInt64(offset), "\(name): \(String(describing: verdict))")
  }

  @Test func wholeFilesMeetTheVerdictThatIsWrittenDown() throws {
    let lines = try lines("files.txt")
    #expect(lines.count > 25)
    for line in lines {
      expect(try contents(String(line[0])), line[0], code: line[1], offset: line[2])
    }
  }

  @Test func patchesMeetTheVerdictThatIsWrittenDown() throws {
    let lines = try lines("patches.txt")
    #expect(lines.count > 200)
    for line in lines {
      var bytes = try contents("\(line[1]).bin")
      for patch in line[4...] {
        let parts = patch.split(separator: ":")
        var position = try #require(Int(parts[0]))
        var digits = parts[1]
        while !digits.isEmpty {
          bytes[position] = try #require(UInt8(digits.prefix(2), radix: 16))
          digits = digits.dropFirst(2)
          position += 1
        }
      }
      expect(bytes, line[0], code: line[2], offset: line[3])
    }
  }

  /// When the format, the engine's scratch or the hostile files change: `swift run WriteCorpus Tests/CorpusTests/Corpus`.
  @Test func theCorpusIsWhatTheGeneratorMakes() throws {
    let made = try Corpus().files
    let kept = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
    #expect(Set(kept) == Set(made.keys))
    for (name, bytes) in made where kept.contains(name) {
      #expect(try contents(name) == bytes, "\(name) differs")
    }
  }
}
