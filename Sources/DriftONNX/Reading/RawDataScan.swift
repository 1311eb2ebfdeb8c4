import Foundation

/// Finds the weights in an ONNX file and leaves them where they are.
///
/// Decoding the whole file would copy every weight; this walks only the path model - graph - initializer, notes where each `raw_data` lies,
/// and gives the rest, which is small, to be decoded.
struct RawDataScan {
  /// The file without the raw data of its initializers.
  private(set) var remainder = Data()
  /// Where each initializer's raw data lies in the file, in the order of the initializers; nil for those without.
  private(set) var ranges: [Range<Int>?] = []

  private static let (graphField, initializerField, rawDataField) = (7, 5, 9)

  /// - Returns: nil if the bytes are no protobuf message.
  init?(_ file: UnsafeRawBufferPointer) {
    guard copy(file, 0..<file.count, depth: 0) else { return nil }
  }

  /// Copies the fields of a message, descending where initializers may lie.
  private mutating func copy(_ file: UnsafeRawBufferPointer, _ range: Range<Int>, depth: Int) -> Bool {
    var position = range.lowerBound
    while position < range.upperBound {
      let start = position
      guard let tag = Self.varint(file, &position, range.upperBound), tag >> 3 > 0, tag >> 3 < 1 << 29 else { return false }
      let field = Int(tag >> 3)
      switch tag & 7 {
      case 0:
        guard Self.varint(file, &position, range.upperBound) != nil else { return false }
      case 1:
        guard range.upperBound - position >= 8 else { return false }
        position += 8
      case 5:
        guard range.upperBound - position >= 4 else { return false }
        position += 4
      case 2:
        guard let length = Self.varint(file, &position, range.upperBound), length <= UInt64(range.upperBound - position) else {
          return false
        }
        let content = position..<position + Int(length)
        position = content.upperBound
        if depth == 0 && field == Self.graphField || depth == 1 && field == Self.initializerField {
          guard descend(file, content, field, depth) else { return false }
          continue
        }
        if depth == 2 && field == Self.rawDataField {
          ranges[ranges.count - 1] = content
          continue
        }
      default: return false
      }
      remainder.append(contentsOf: file[start..<position])
    }
    return true
  }

  /// Copies a message within a message: its content, then the tag and length in front of it, which are known only then.
  private mutating func descend(_ file: UnsafeRawBufferPointer, _ content: Range<Int>, _ field: Int, _ depth: Int) -> Bool {
    if depth == 1 { ranges.append(nil) }
    // Exchanged and not copied, or every message would copy all that came before it.
    var inner = Data()
    swap(&inner, &remainder)
    guard copy(file, content, depth: depth + 1) else { return false }
    swap(&inner, &remainder)
    Self.append(UInt64(field << 3 | 2), to: &remainder)
    Self.append(UInt64(inner.count), to: &remainder)
    remainder.append(inner)
    return true
  }

  private static func append(_ value: UInt64, to data: inout Data) {
    var rest = value
    while rest >= 0x80 {
      data.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    data.append(UInt8(truncatingIfNeeded: rest))
  }

  private static func varint(_ file: UnsafeRawBufferPointer, _ position: inout Int, _ end: Int) -> UInt64? {
    var result: UInt64 = 0
    for shift in stride(from: 0, to: 64, by: 7) {
      guard position < end else { return nil }
      let byte = file[position]
      position += 1
      result |= UInt64(byte & 0x7F) << UInt64(shift)
      if byte < 0x80 { return result }
    }
    return nil
  }
}
