import CDriftFormat

extension Verifier {
  /// Rules 150, 151: the section begins and ends with a zero byte and holds UTF-8 without control characters, so that a name can be
  /// printed on a terminal as it is.
  func verifyStrings() throws(DriftError) {
    let bytes = file.strings
    guard bytes.count > 0, bytes[0] == 0, bytes[bytes.count - 1] == 0 else {
      throw error(.stringsUnterminated, DRIFT_SECTION_STRINGS, 0, 0, found: UInt64(bytes.count))
    }
    var index = 0
    while index < bytes.count {
      let length = Self.scalarLength(bytes, at: index)
      guard length > 0 else {
        throw error(.stringsNotText, DRIFT_SECTION_STRINGS, index, 0, found: UInt64(bytes[index]))
      }
      index += length
    }
  }

  /// Bytes of the well-formed character at an index, 0 if there is none. The last byte of the buffer is zero, so a sequence that is cut
  /// off meets that zero before the end.
  private static func scalarLength(_ bytes: UnsafeRawBufferPointer, at index: Int) -> Int {
    let first = bytes[index]
    if first < 0x80 {
      let isControl = (first < 0x20 && first != 0 && first != 0x09 && first != 0x0A) || first == 0x7F
      return isControl ? 0 : 1
    }
    // Shortest forms only, no surrogates, nothing beyond U+10FFFF and no C1 controls: all of it follows from the second byte's range.
    let second: ClosedRange<UInt8>
    let length: Int
    switch first {
    case 0xC2: (length, second) = (2, 0xA0...0xBF)
    case 0xC3...0xDF: (length, second) = (2, 0x80...0xBF)
    case 0xE0: (length, second) = (3, 0xA0...0xBF)
    case 0xE1...0xEC, 0xEE...0xEF: (length, second) = (3, 0x80...0xBF)
    case 0xED: (length, second) = (3, 0x80...0x9F)
    case 0xF0: (length, second) = (4, 0x90...0xBF)
    case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
    case 0xF4: (length, second) = (4, 0x80...0x8F)
    default: return 0
    }
    guard second.contains(bytes[index + 1]) else { return 0 }
    var position = 2
    while position < length {
      guard bytes[index + position] & 0xC0 == 0x80 else { return 0 }
      position += 1
    }
    return length
  }

  /// Rule 152: a record's string offset points to the start of a string.
  func verifyString(_ offset: UInt32, _ section: drift_section_kind, _ index: Int, _ field: Int) throws(DriftError) {
    let bytes = file.strings
    guard UInt64(offset) < UInt64(bytes.count), offset == 0 || bytes[Int(offset) - 1] == 0 else {
      throw error(.stringOffsetInvalid, section, index, field, expected: UInt64(bytes.count), found: UInt64(offset))
    }
  }

  /// Rule 153: keys are not empty and strictly ascend by their bytes, so that none occurs twice.
  func verifyMetadata() throws(DriftError) {
    for index in 0..<file.metadata.count {
      let entry = file.metadata[index]
      try verifyString(entry.key, DRIFT_SECTION_METADATA, index, DRIFT_AT_metadata_key)
      try verifyString(entry.value, DRIFT_SECTION_METADATA, index, DRIFT_AT_metadata_value)
      let previous = index == 0 ? 0 : file.metadata[index - 1].key
      guard precedes(previous, entry.key) else {
        throw error(
          .metadataUnordered, DRIFT_SECTION_METADATA, index, DRIFT_AT_metadata_key, expected: UInt64(previous),
          found: UInt64(entry.key))
      }
    }
  }

  /// Compares two strings byte by byte; the zero that ends each is smaller than any other byte.
  private func precedes(_ one: UInt32, _ other: UInt32) -> Bool {
    let bytes = file.strings
    var (left, right) = (Int(one), Int(other))
    while bytes[left] == bytes[right] {
      if bytes[left] == 0 { return false }
      left += 1
      right += 1
    }
    return bytes[left] < bytes[right]
  }
}
