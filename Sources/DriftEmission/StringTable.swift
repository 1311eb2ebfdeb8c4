/// The strings of a file: UTF-8, each ended by a zero byte and stored once; the first is the empty one.
struct StringTable {
  private(set) var bytes: [UInt8] = [0]
  private var offsets: [String: UInt32] = ["": 0]

  /// The offset of a string. Control characters, which a file must not hold, become spaces.
  mutating func offset(of text: String) -> UInt32 {
    if let known = offsets[text] { return known }
    let offset = UInt32(clamping: bytes.count)
    offsets[text] = offset
    for scalar in text.unicodeScalars {
      let isControl = scalar.properties.generalCategory == .control && scalar != "\n" && scalar != "\t"
      bytes.append(contentsOf: String(isControl ? " " : Character(scalar)).utf8)
    }
    bytes.append(0)
    return offset
  }
}
