/// A strict reader of JSON (RFC 8259) that refuses what lenient readers pass over: repeated keys, NaN, trailing bytes, bad UTF-8.
struct JSONParser {
  /// What is wrong, and the line on which it was noticed.
  struct Failure: Error {
    var problem: String
    var line: Int
  }

  /// Nesting beyond this is refused; no checkpoint has more than a handful of levels.
  private static let depthLimit = 64

  let bytes: UnsafeBufferPointer<UInt8>
  var position = 0

  private init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  /// Reads one document that fills all bytes but white space.
  static func parse(_ bytes: UnsafeBufferPointer<UInt8>) throws(Failure) -> JSONValue {
    var parser = JSONParser(bytes)
    let value = try parser.value(depth: 0)
    parser.skipSpace()
    guard parser.position == bytes.count else { throw parser.failure("unexpected text after the end of the document") }
    return value
  }

  /// Reads a file whose document is an object.
  static func object(ofFile path: String) throws(ImportError) -> JSONObject {
    try object(of: Array(try FileBytes.read(path)), path)
  }

  /// Reads an object from bytes of the file at `path`.
  static func object(of bytes: [UInt8], _ path: String) throws(ImportError) -> JSONObject {
    let result = bytes.withUnsafeBufferPointer { bytes in Result { () throws(Failure) in try parse(bytes) } }
    switch result {
    case .failure(let failure): throw ImportError(path, "is not valid JSON: line \(failure.line): \(failure.problem)")
    case .success(.object(let object)): return object
    case .success(let other): throw ImportError(path, "holds \(other.description), expected a JSON object")
    }
  }

  func failure(_ problem: String) -> Failure {
    Failure(problem: problem, line: 1 + bytes.prefix(position).count { $0 == UInt8(ascii: "\n") })
  }

  var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
  }

  mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard next == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func value(depth: Int) throws(Failure) -> JSONValue {
    guard depth < Self.depthLimit else { throw failure("nested more than \(Self.depthLimit) levels deep") }
    skipSpace()
    switch next {
    case UInt8(ascii: "{"): return .object(try object(depth))
    case UInt8(ascii: "["): return .array(try array(depth))
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case UInt8(ascii: "-")?: return try number()
    case let byte? where (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte): return try number()
    case nil: throw failure("the document ends too early")
    default: throw failure("expected a value")
    }
  }

  private mutating func word(_ text: StaticString, _ value: JSONValue) throws(Failure) -> JSONValue {
    let matches = text.withUTF8Buffer { bytes.dropFirst(position).starts(with: $0) }
    guard matches else { throw failure("expected a value") }
    position += text.utf8CodeUnitCount
    return value
  }

  private mutating func object(_ depth: Int) throws(Failure) -> JSONObject {
    var object = JSONObject()
    position += 1
    skipSpace()
    if take("}") { return object }
    repeat {
      skipSpace()
      guard next == UInt8(ascii: "\"") else { throw failure("expected a key in quotes") }
      let key = try string()
      skipSpace()
      guard take(":") else { throw failure("expected ':' after the key \"\(key)\"") }
      guard object.insert(key, try value(depth: depth + 1)) else { throw failure("the key \"\(key)\" occurs twice") }
      skipSpace()
    } while take(",")
    guard take("}") else { throw failure("expected ',' or '}'") }
    return object
  }

  private mutating func array(_ depth: Int) throws(Failure) -> [JSONValue] {
    var values: [JSONValue] = []
    position += 1
    skipSpace()
    if take("]") { return values }
    repeat {
      values.append(try value(depth: depth + 1))
      skipSpace()
    } while take(",")
    guard take("]") else { throw failure("expected ',' or ']'") }
    return values
  }

  private mutating func digits() -> Int {
    let start = position
    while let byte = next, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") { position += 1 }
    return position - start
  }

  private mutating func number() throws(Failure) -> JSONValue {
    let start = position
    if take("-"), next == UInt8(ascii: "I") {
      // Python's spelling, which diffusers' own files have where no bound is meant. A string is refused wherever a number is expected.
      return try word("Infinity", .string("-Infinity"))
    }
    let leadingZero = next == UInt8(ascii: "0")
    let count = digits()
    guard count > 0, !leadingZero || count == 1 else { throw failure("malformed number") }
    var integral = true
    if take(".") {
      integral = false
      guard digits() > 0 else { throw failure("malformed number") }
    }
    if take("e") || take("E") {
      integral = false
      if !take("+") { _ = take("-") }
      guard digits() > 0 else { throw failure("malformed number") }
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if integral, let value = Int(text) { return .integer(value) }
    guard let value = Double(text), value.isFinite else { throw failure("the number \(text.prefix(40)) is out of range") }
    return .number(value)
  }
}
