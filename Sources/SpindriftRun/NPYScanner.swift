import DriftFormat

/// Reads the dictionary in the header of a NumPy array file, token by token.
struct NPYScanner {
  private let bytes: UnsafeRawBufferPointer
  private var position = 0

  init(_ bytes: UnsafeRawBufferPointer) {
    self.bytes = bytes
  }

  /// Goes past `text`, if that comes next.
  mutating func take(_ text: StaticString) -> Bool {
    skipSpace()
    let count = text.utf8CodeUnitCount
    guard bytes.count - position >= count else { return false }
    for index in 0..<count where bytes[position + index] != text.utf8Start[index] { return false }
    position += count
    return true
  }

  /// Goes past a decimal number of at most nine digits.
  mutating func takeNumber() -> Int? {
    skipSpace()
    var value = 0
    let start = position
    while position < bytes.count, position - start < 9, (48...57).contains(bytes[position]) {
      value = value * 10 + Int(bytes[position] &- 48)
      position += 1
    }
    return position == start ? nil : value
  }

  private mutating func skipSpace() {
    while position < bytes.count, bytes[position] == 32 || bytes[position] == 10 || bytes[position] == 9 { position += 1 }
  }
}
