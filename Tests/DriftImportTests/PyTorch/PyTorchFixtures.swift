import DriftGraph
import DriftImport
import Foundation
import Testing

/// Archives that tools/fixtures/pytorch_archives.py wrote, and what torch reads from them.
enum PyTorchFixtures {
  static func path(_ name: String) -> String { Fixtures.pytorch("\(name).pt") }

  static func bytes(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(fileURLWithPath: path(name)))) }

  private static func json(_ name: String) throws -> [String: [String: Any]] {
    let data = try Data(contentsOf: URL(fileURLWithPath: Fixtures.pytorch(name)))
    return try #require(try JSONSerialization.jsonObject(with: data) as? [String: [String: Any]])
  }

  /// Shape and values of the tensors of each archive.
  static func tensors() throws -> [String: [String: (shape: [Int], values: [Float])]] {
    try json("values.json").mapValues { tensors in
      try tensors.mapValues { value in
        let parts = try #require(value as? [[NSNumber]])
        return (parts[0].map(\.intValue), parts[1].map(\.floatValue))
      }
    }
  }

  /// Pickles written by hand: `hostile` or `odd`.
  static func pickles(_ kind: String) throws -> [String: [UInt8]] {
    try #require(try json("pickles.json")[kind]).mapValues { text in
      let digits = Array(try #require(text as? String).utf8)
      return try stride(from: 0, to: digits.count, by: 2).map { place in
        try #require(UInt8(String(decoding: digits[place..<place + 2], as: UTF8.self), radix: 16))
      }
    }
  }

  /// Opens bytes as a file.
  static func open(_ bytes: [UInt8]) throws -> PyTorchArchive {
    let folder = try TemporaryFolder()
    try folder.write("file.pt", bytes)
    return try PyTorchArchive("\(folder.path)/file.pt")
  }

  /// Opens bytes and reads every tensor.
  static func readAll(_ bytes: [UInt8]) throws -> [Parameter] {
    let dict = try open(bytes).stateDict()
    return try dict.names.map { try dict.parameter($0) }
  }
}
