extension PickleMachine {
  /// A little-endian number of any length in two's complement.
  func integer(_ range: Range<Int>) -> PickleValue {
    guard range.count <= 8 else { return .wideInteger(range) }
    var bits: UInt64 = 0
    for (place, byte) in bytes[range].enumerated() { bits |= UInt64(byte) << UInt64(8 * place) }
    let unused = UInt64(64 - 8 * range.count)
    return .integer(range.isEmpty ? 0 : Int(Int64(bitPattern: bits << unused) >> Int64(unused)))
  }

  /// A number in digits, with or without the `L` of Python 2; `00` and `01` are how protocol 0 writes bools.
  func integer(inLine range: Range<Int>) throws(ImportError) -> PickleValue {
    var digits = try text(range)
    if digits == "00" || digits == "01" { return .bool(digits == "01") }
    if digits.hasSuffix("L") { digits.removeLast() }
    if let value = Int(digits) { return .integer(value) }
    guard !digits.isEmpty, digits.dropFirst(digits.hasPrefix("-") ? 1 : 0).utf8.allSatisfy({ (48...57).contains($0) }) else {
      throw failure("holds an int that cannot be read")
    }
    return .wideInteger(range.lowerBound..<range.lowerBound + digits.utf8.count)
  }

  func index(inLine range: Range<Int>) throws(ImportError) -> Int {
    guard let index = Int(try text(range)), index >= 0 else {
      throw failure("numbers a remembered value by something else than a number")
    }
    return index
  }

  /// Python 2's `str`, which may be text or bytes: UTF-8 where it is valid, one character for each byte where it is not.
  func oldText(_ range: Range<Int>) -> String {
    String(validating: bytes[range], as: UTF8.self) ?? String(String.UnicodeScalarView(bytes[range].map { Unicode.Scalar($0) }))
  }

  /// A string as Python writes it in source text.
  func quoted(_ range: Range<Int>) throws(ImportError) -> String {
    guard range.count >= 2, let quote = bytes[range].first, quote == bytes[range].last,
      quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"")
    else {
      throw failure("holds a str without quotes")
    }
    return try unescaped(bytes[range.dropFirst().dropLast()], unicode: false)
  }

  /// Text with Python's escapes; those for Unicode only (`unicode`), or all for bytes.
  func unescaped(_ source: Slice<UnsafeRawBufferPointer>, unicode: Bool) throws(ImportError) -> String {
    var scalars = String.UnicodeScalarView()
    var place = source.startIndex
    while place < source.endIndex {
      let byte = source[place]
      place += 1
      guard byte == UInt8(ascii: "\\"), place < source.endIndex else {
        scalars.append(Unicode.Scalar(byte))
        continue
      }
      let kind = source[place]
      let digits: Int? =
        switch kind {
        case UInt8(ascii: "u") where unicode: 4
        case UInt8(ascii: "U") where unicode: 8
        case UInt8(ascii: "x") where !unicode: 2
        default: nil
        }
      if let digits {
        let code = source[(place + 1)...].prefix(digits)
        guard code.count == digits, let text = String(validating: code, as: UTF8.self), let value = UInt32(text, radix: 16),
          let scalar = Unicode.Scalar(value)
        else {
          throw failure("holds a str with a broken escape")
        }
        scalars.append(scalar)
        place += 1 + digits
      } else if unicode {
        scalars.append("\\")
      } else {
        guard let scalar = Self.escapes[kind] else { throw failure("holds a str with an unknown escape") }
        scalars.append(scalar)
        place += 1
      }
    }
    return String(scalars)
  }

  private static let escapes: [UInt8: Unicode.Scalar] = [
    UInt8(ascii: "\\"): "\\", UInt8(ascii: "'"): "'", UInt8(ascii: "\""): "\"", UInt8(ascii: "n"): "\n", UInt8(ascii: "r"): "\r",
    UInt8(ascii: "t"): "\t", UInt8(ascii: "a"): "\u{7}", UInt8(ascii: "b"): "\u{8}", UInt8(ascii: "f"): "\u{C}",
    UInt8(ascii: "v"): "\u{B}",
  ]
}
