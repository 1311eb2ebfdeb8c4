import Foundation

/// Writes PyTorch archives byte by byte, with everything that can be wrong about them.
struct ArchiveBytes {
  /// An entry of the zip file, and what its headers say where that is not the truth.
  struct Entry {
    var name: String
    var bytes: [UInt8]
    var localName: String?
    var method: UInt16 = 0
    var flags: UInt16 = 0
    var size: UInt32?
    var header: UInt32?
  }

  var entries: [Entry]
  /// Writes sizes and places of 64 bits, as for files above 4 GiB.
  var isZip64 = false
  var comment: [UInt8] = []

  init(_ entries: [Entry]) { self.entries = entries }

  /// An archive around a pickle, with a storage of four floats.
  init(pickle: [UInt8]) {
    let storage = [Float](arrayLiteral: 1, 2, 3, 4).withUnsafeBytes { Array($0) }
    entries = [
      Entry(name: "archive/data.pkl", bytes: pickle), Entry(name: "archive/data/0", bytes: storage),
      Entry(name: "archive/byteorder", bytes: Array("little".utf8)),
    ]
  }

  /// A state dict of float32 tensors.
  init(tensors: [(name: String, shape: [Int], values: [Float])]) {
    var pickle: [UInt8] = [0x80, 2, UInt8(ascii: "}")]
    entries = []
    for (index, tensor) in tensors.enumerated() {
      pickle += Self.text(tensor.name) + Self.tensor(storage: "\(index)", of: tensor.values.count, shape: tensor.shape)
      pickle += Array("s".utf8)
      entries.append(Entry(name: "archive/data/\(index)", bytes: tensor.values.withUnsafeBytes { Array($0) }))
    }
    entries.insert(Entry(name: "archive/data.pkl", bytes: pickle + Array(".".utf8)), at: 0)
  }

  /// BINUNICODE.
  static func text(_ text: String) -> [UInt8] { [UInt8(ascii: "X")] + little(UInt32(text.utf8.count)) + Array(text.utf8) }

  /// BININT, or LONG1 of eight bytes.
  static func number(_ number: Int) -> [UInt8] {
    Int32(exactly: number).map { [UInt8(ascii: "J")] + little($0) } ?? [0x8A, 8] + little(number)
  }

  /// A float32 tensor of all values of a storage.
  static func tensor(storage key: String, of count: Int, shape: [Int]) -> [UInt8] {
    var pickle = Array("ctorch._utils\n_rebuild_tensor_v2\n((".utf8) + text("storage")
    pickle += Array("ctorch\nFloatStorage\n".utf8) + text(key) + text("cpu") + number(count)
    pickle += Array("tQ".utf8) + number(0) + Array("(".utf8) + shape.flatMap(number)
    let strides = shape.indices.map { shape[($0 + 1)...].reduce(1, *) }
    return pickle + Array("t(".utf8) + strides.flatMap(number) + Array("t".utf8) + [0x89] + Array("}tR".utf8)
  }

  static func little(_ value: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: value.littleEndian) { Array($0) } }

  /// The whole file.
  var bytes: [UInt8] {
    var (file, table): ([UInt8], [UInt8]) = ([], [])
    for entry in entries {
      let header = entry.header ?? UInt32(file.count)
      let (name, localName) = (Array(entry.name.utf8), Array((entry.localName ?? entry.name).utf8))
      let size = entry.size ?? UInt32(entry.bytes.count)
      file += Self.little(UInt32(0x0403_4B50)) + Self.little(UInt16(20)) + Self.little(entry.flags) + Self.little(entry.method)
      file += Self.little(UInt64(0)) + Self.little(size) + Self.little(size) + Self.little(UInt16(localName.count))
      file += Self.little(UInt16(0)) + localName + entry.bytes
      let extra = Self.little(UInt16(1)) + Self.little(UInt16(24)) + Self.little(UInt64(size)) + Self.little(UInt64(size))
      let wide = extra + Self.little(UInt64(header))
      table += Self.little(UInt32(0x0201_4B50)) + Self.little(UInt32(20)) + Self.little(entry.flags) + Self.little(entry.method)
      table += Self.little(UInt64(0)) + (isZip64 ? Self.little(UInt64.max) : Self.little(size) + Self.little(size))
      table += Self.little(UInt16(name.count)) + Self.little(UInt16(isZip64 ? wide.count : 0)) + [UInt8](repeating: 0, count: 10)
      table += Self.little(isZip64 ? UInt32.max : header) + name + (isZip64 ? wide : [])
    }
    let start = file.count
    file += table
    if isZip64 {
      let record = file.count
      file += Self.little(UInt32(0x0606_4B50)) + Self.little(UInt64(44)) + [UInt8](repeating: 0, count: 12)
      file += Self.little(UInt64(entries.count)) + Self.little(UInt64(entries.count)) + Self.little(UInt64(table.count))
      file += Self.little(UInt64(start)) + Self.little(UInt32(0x0706_4B50)) + Self.little(UInt32(0)) + Self.little(UInt64(record))
      file += Self.little(UInt32(1))
    }
    file +=
      Self.little(UInt32(0x0605_4B50)) + Self.little(UInt32(0))
      + Self.little(UInt32(isZip64 ? .max : UInt32(entries.count) << 16 | UInt32(entries.count)))
    file += Self.little(isZip64 ? UInt32.max : UInt32(table.count)) + Self.little(isZip64 ? UInt32.max : UInt32(start))
    return file + Self.little(UInt16(comment.count)) + comment
  }
}
