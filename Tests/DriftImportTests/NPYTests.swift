import DriftImport
import Foundation
import Testing

/// NumPy files, there and back, and broken ones.
@Suite struct NPYTests {
  private func bytes(header: String, data: [UInt8], version: UInt8 = 1) -> [UInt8] {
    let length = Array(header.utf8).count
    return [0x93] + Array("NUMPY".utf8) + [version, 0, UInt8(length & 255), UInt8(length >> 8)] + (version > 1 ? [0, 0] : [])
      + Array(header.utf8) + data
  }

  @Test func `what is written is read back`() throws {
    let folder = try TemporaryFolder()
    let arrays = [
      NPYArray(shape: [2, 3], [1, -2.5, .pi, 0, 1e-30, 7]),
      NPYArray(shape: [4], elements: .int64([-1, 0, 1, 1 << 40])),
      NPYArray(shape: [], elements: .float64([0.1])),
      NPYArray(shape: [0, 5], []),
    ]
    for array in arrays {
      try array.write("\(folder.path)/array.npy")
      let file = try folder.read("array.npy")
      #expect(try NPYArray.read("\(folder.path)/array.npy") == array)
      // NumPy aligns the values to 64 bytes.
      #expect((Int(file[8]) + 256 * Int(file[9]) + 10) % 64 == 0)
    }
  }

  @Test func `a file of NumPy's own is read, and written as the same bytes`() throws {
    let path = "\(Fixtures.unet("plain"))/input.npy"
    let array = try NPYArray.read(path)
    #expect(array.shape == [2, 1, 8, 8])
    #expect(Data(array.encoded()) == (try Data(contentsOf: URL(fileURLWithPath: path))))
  }

  @Test(arguments: [
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }\n", 8, "12"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }\n", 8, "4 bytes"),
    ("{'descr': '<f4', 'fortran_order': True, 'shape': (2,), }\n", 8, "column-major"),
    ("{'descr': '>f4', 'fortran_order': False, 'shape': (2,), }\n", 8, ">f4"),
    ("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,), }\n", 8, "structured"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (-2,), }\n", 8, "impossible"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (9223372036854775807, 9), }\n", 8, "impossible"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (two,), }\n", 8, "two"),
    ("{'fortran_order': False, 'shape': (2,), }\n", 8, "descr"),
  ])
  func `a broken header is refused by what is wrong with it`(_ header: String, _ dataBytes: Int, _ names: String) throws {
    let folder = try TemporaryFolder()
    try folder.write("array.npy", bytes(header: header, data: [UInt8](repeating: 0, count: dataBytes)))
    #expect { try NPYArray.read("\(folder.path)/array.npy") } throws: { error in
      "\(error)".contains("array.npy") && "\(error)".contains(names)
    }
  }

  @Test func `every truncation is refused`() throws {
    let folder = try TemporaryFolder()
    let whole = NPYArray(shape: [2, 2], [1, 2, 3, 4]).encoded()
    for length in 0..<whole.count {
      try folder.write("array.npy", Array(whole[0..<length]))
      #expect(throws: ImportError.self) { try NPYArray.read("\(folder.path)/array.npy") }
    }
  }

  @Test func `a folder and a missing file are told apart`() throws {
    let folder = try TemporaryFolder()
    #expect { try NPYArray.read(folder.path) } throws: { "\($0)".contains("is a folder") }
    #expect { try NPYArray.read("\(folder.path)/none.npy") } throws: { "\($0)".contains("does not exist") }
  }

  @Test func `a place that cannot be written is an error that names it`() throws {
    let folder = try TemporaryFolder()
    #expect { try NPYArray(shape: [1], [1]).write("\(folder.path)/none/array.npy") } throws: { "\($0)".contains("none/array.npy") }
  }
}
