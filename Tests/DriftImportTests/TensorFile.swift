import Foundation
import Testing

/// A checkpoint that tests make up: the tensors of a fixture of a family, whose values follow from their names.
struct TensorFile {
  struct Entry {
    var shape: [Int]
    /// Span of the values, and their middle.
    var scale: Double
    var offset: Double
    /// The name that the values follow from.
    var seed: String
  }

  /// Tensors by name; a fixture's begin as the fixture has them.
  var entries: [String: Entry] = [:]
  /// Tensors with values of their own.
  var listed: [String: [Float]] = [:]

  init() {}

  init(fixture folder: String) throws {
    let data = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/tensors.json"))
    let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: [Any]])
    for (name, parts) in object {
      let shape = try #require(parts[0] as? [Int])
      let scale = try #require(parts[1] as? Double), offset = try #require(parts[2] as? Double)
      entries[name] = Entry(shape: shape, scale: scale, offset: offset, seed: name)
    }
  }

  /// A tensor of zeros.
  mutating func add(_ name: String, _ shape: [Int]) { entries[name] = Entry(shape: shape, scale: 0, offset: 0, seed: name) }

  /// Writes a safetensors file of float32.
  func write(_ path: String) throws {
    var position = 0
    var header: [String: Any] = [:]
    var data = Data()
    for name in (Array(entries.keys) + Array(listed.keys)).sorted() {
      let shape: [Int], values: [Float]
      if let own = listed[name] {
        (shape, values) = ([own.count], own)
      } else {
        let entry = try #require(entries[name])
        (shape, values) = (entry.shape, Self.values(entry))
      }
      header[name] = ["dtype": "F32", "shape": shape, "data_offsets": [position, position + 4 * values.count]]
      position += 4 * values.count
      values.withUnsafeBytes { data.append(contentsOf: $0) }
    }
    try Self.file(header: header, data).write(to: URL(fileURLWithPath: path))
  }

  /// Writes a safetensors file of float16 zeros that takes no room on the disk.
  func writeZeros(_ path: String) throws {
    var position = 0
    var header: [String: Any] = [:]
    for (name, entry) in entries.sorted(by: { $0.key < $1.key }) {
      let bytes = 2 * entry.shape.reduce(1, *)
      header[name] = ["dtype": "F16", "shape": entry.shape, "data_offsets": [position, position + bytes]]
      position += bytes
    }
    let front = try Self.file(header: header, Data())
    try front.write(to: URL(fileURLWithPath: path))
    let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    try file.truncate(atOffset: UInt64(front.count + position))
    try file.close()
  }

  private static func file(header: [String: Any], _ data: Data) throws -> Data {
    let text = try JSONSerialization.data(withJSONObject: header)
    return withUnsafeBytes(of: UInt64(text.count).littleEndian) { Data($0) } + text + data
  }

  /// As tools/fixtures/make-family-fixtures.py makes them: SplitMix64 seeded with FNV-1a of the name.
  private static func values(_ entry: Entry) -> [Float] {
    let seed = entry.seed.utf8.reduce(UInt64(0xCBF2_9CE4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    return (0..<entry.shape.reduce(1, *)).map { index in
      var z = seed &+ UInt64(index + 1) &* 0x9E37_79B9_7F4A_7C15
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      z ^= z >> 31
      return Float(entry.offset + entry.scale * (Double(z >> 40) / 16_777_216 - 0.5))
    }
  }
}
