import DriftGraph
import DriftImport
import Foundation
import Testing

/// The zip file around an archive: what is wrong with it is said.
@Suite struct ZipArchiveTests {
  private func good() -> ArchiveBytes { ArchiveBytes(tensors: [("a", [2, 2], [1, 2, 3, 4]), ("b", [1], [5])]) }

  private func expectRefusal(_ archive: ArchiveBytes, _ problem: String) {
    #expect { try PyTorchFixtures.open(archive.bytes) } throws: { error in
      if !"\(error)".contains(problem) { print(error) }
      return "\(error)".contains(problem)
    }
  }

  @Test func `plain, zip64 and commented files are read`() throws {
    var archive = good()
    for step in 0..<3 {
      archive.isZip64 = step == 1
      archive.comment = step == 2 ? Array("a comment".utf8) : []
      let values = try PyTorchFixtures.readAll(archive.bytes).map(\.values)
      #expect(values == [[1, 2, 3, 4], [5]])
    }
  }

  @Test func `broken directories are refused by what is wrong`() throws {
    let changes: [(String, (inout ArchiveBytes) -> Void)] = [
      ("'archive/data/0' is compressed", { $0.entries[1].method = 8 }), ("encrypted", { $0.entries[1].flags = 1 }),
      (
        "overlap",
        {
          $0.entries[2].header = UInt32($0.bytes.firstIndex(of: 0x50) ?? 0); $0.entries[2].name = $0.entries[0].name
        }
      ),
      ("should begin at byte 3", { $0.entries[1].header = 3 }), ("cut off or damaged", { $0.entries[1].header = 0xFFFF_0000 }),
      ("reaches past", { $0.entries[2].size = 100 }), ("overlap", { $0.entries[1].size = 40 }),
      ("cut off or damaged", { $0.entries[2].size = 0x7FFF_FFFF }), ("lacks the zip64 field", { $0.entries[1].size = .max }),
      ("where it lies", { $0.entries[1].localName = "archive/data/9" }),
      ("two entries called", { $0.entries.append($0.entries[1]) }),
      ("unsafe name", { $0.entries[1].name = "archive/../data/0" }), ("unsafe name", { $0.entries[1].name = "/data/0" }),
      ("unsafe name", { $0.entries[1].name = "archive\\data" }), ("unsafe name", { $0.entries[1].name = "" }),
      ("no NAME/data.pkl", { $0.entries.removeFirst() }),
      ("several pickles", { $0.entries.append(ArchiveBytes.Entry(name: "other/data.pkl", bytes: [])) }),
      ("TorchScript", { $0.entries.append(ArchiveBytes.Entry(name: "archive/code/__torch__.py", bytes: [])) }),
      ("TorchScript", { $0.entries.append(ArchiveBytes.Entry(name: "archive/constants.pkl", bytes: [])) }),
      ("byte order 'big'", { $0.entries.append(ArchiveBytes.Entry(name: "archive/byteorder", bytes: Array("big".utf8))) }),
    ]
    for (problem, change) in changes {
      var archive = good()
      change(&archive)
      expectRefusal(archive, problem)
    }
  }

  @Test func `zip64 records that lie are refused`() throws {
    var archive = good()
    archive.isZip64 = true
    let bytes = archive.bytes
    let end = bytes.count - 22
    for (offset, problem) in [
      (end - 12, "zip64 end record"), (end - 20 - 56 + 48, "zip table"), (end - 20 - 56 + 32, "end record says"),
    ] {
      var changed = bytes
      changed[offset + 7] ^= 0x7F
      #expect { try PyTorchFixtures.open(changed) } throws: { "\($0)".contains(problem) }
    }
  }
}
