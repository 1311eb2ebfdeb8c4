/// Reads the values of a configuration file by key, refuses wrong types by name, and knows in the end which keys no one asked for.
struct ConfigReader {
  let path: String
  private let object: JSONObject
  private var asked: Set<String> = []

  init(_ object: JSONObject, path: String) {
    self.path = path
    self.object = object
  }

  init(file path: String) throws(ImportError) {
    self.init(try JSONParser.object(ofFile: path), path: path)
  }

  /// The value of a key; nil if it is absent or null.
  private mutating func value(_ key: String) -> JSONValue? {
    asked.insert(key)
    let value = object[key]
    return value == .null ? nil : value
  }

  /// Whether the key is there, null or not.
  func has(_ key: String) -> Bool { object[key] != nil }

  /// An error that names a key, its value and what was expected instead.
  func wrong(_ key: String, expected: String) -> ImportError {
    ImportError(path, "'\(key)' is \(object[key]?.description ?? "missing"), expected \(expected)")
  }

  /// Marks keys as known that change nothing here.
  mutating func ignore(_ keys: String...) { asked.formUnion(keys) }

  /// Refuses keys that no one asked for. Keys that begin with an underscore are bookkeeping of the library that wrote the file.
  func refuseOthers(in what: String) throws(ImportError) {
    for (key, value) in object.members where !asked.contains(key) && !key.hasPrefix("_") {
      throw ImportError(path, "the key '\(key)' (\(value.description)) is not one of \(what) that can be converted")
    }
  }

  mutating func optionalInteger(_ key: String, in range: ClosedRange<Int>) throws(ImportError) -> Int? {
    switch value(key) {
    case nil: return nil
    case .integer(let found)? where range.contains(found): return found
    default: throw wrong(key, expected: "an integer in \(range.lowerBound) to \(range.upperBound)")
    }
  }

  mutating func integer(_ key: String, in range: ClosedRange<Int>, default fallback: Int? = nil) throws(ImportError) -> Int {
    guard let found = try optionalInteger(key, in: range) ?? (has(key) ? nil : fallback) else {
      throw wrong(key, expected: "an integer in \(range.lowerBound) to \(range.upperBound)")
    }
    return found
  }

  mutating func optionalNumber(_ key: String) throws(ImportError) -> Double? {
    switch value(key) {
    case nil: return nil
    case .integer(let found)?: return Double(found)
    case .number(let found)?: return found
    default: throw wrong(key, expected: "a number")
    }
  }

  mutating func number(_ key: String, default fallback: Double? = nil) throws(ImportError) -> Double {
    guard let found = try optionalNumber(key) ?? (has(key) ? nil : fallback) else { throw wrong(key, expected: "a number") }
    return found
  }

  mutating func bool(_ key: String, default fallback: Bool) throws(ImportError) -> Bool {
    asked.insert(key)
    switch object[key] {
    case nil: return fallback
    case .bool(let found)?: return found
    default: throw wrong(key, expected: "true or false")
    }
  }

  /// false where the key is absent or null.
  mutating func optionalBool(_ key: String) throws(ImportError) -> Bool {
    switch value(key) {
    case nil: return false
    case .bool(let found)?: return found
    default: throw wrong(key, expected: "true or false")
    }
  }

  /// Whether a key is absent or null.
  mutating func isNull(_ key: String) -> Bool { value(key) == nil }

  mutating func optionalString(_ key: String) throws(ImportError) -> String? {
    switch value(key) {
    case nil: return nil
    case .string(let found)?: return found
    default: throw wrong(key, expected: "a string")
    }
  }

  mutating func string(_ key: String, default fallback: String? = nil) throws(ImportError) -> String {
    guard let found = try optionalString(key) ?? (has(key) ? nil : fallback) else { throw wrong(key, expected: "a string") }
    return found
  }

  mutating func optionalIntegers(_ key: String, in range: ClosedRange<Int>) throws(ImportError) -> [Int]? {
    let expected = "a list of integers in \(range.lowerBound) to \(range.upperBound)"
    switch value(key) {
    case nil: return nil
    case .array(let values)?:
      var found: [Int] = []
      for value in values {
        guard case .integer(let element) = value, range.contains(element) else { throw wrong(key, expected: expected) }
        found.append(element)
      }
      return found
    default: throw wrong(key, expected: expected)
    }
  }

  mutating func optionalNumbers(_ key: String) throws(ImportError) -> [Double]? {
    switch value(key) {
    case nil: return nil
    case .array(let values)?:
      var found: [Double] = []
      for value in values {
        switch value {
        case .integer(let element): found.append(Double(element))
        case .number(let element): found.append(element)
        default: throw wrong(key, expected: "a list of numbers")
        }
      }
      return found
    default: throw wrong(key, expected: "a list of numbers")
    }
  }

  mutating func strings(_ key: String) throws(ImportError) -> [String] {
    guard case .array(let values)? = value(key) else { throw wrong(key, expected: "a list of strings") }
    var found: [String] = []
    for value in values {
      guard case .string(let element) = value else { throw wrong(key, expected: "a list of strings") }
      found.append(element)
    }
    return found
  }

  mutating func optionalObject(_ key: String) throws(ImportError) -> ConfigReader? {
    switch value(key) {
    case nil: return nil
    case .object(let found)?: return ConfigReader(found, path: "\(path): \(key)")
    default: throw wrong(key, expected: "an object")
    }
  }

  /// The elements of a list, or any other value as the only one; nil if the key is absent or null.
  mutating func optionalElements(_ key: String) -> (values: [JSONValue], isList: Bool)? {
    switch value(key) {
    case nil: nil
    case .array(let values)?: (values, true)
    case let single?: ([single], false)
    }
  }

  mutating func objects(_ key: String) throws(ImportError) -> [ConfigReader] {
    guard case .array(let values)? = value(key) else { throw wrong(key, expected: "a list of objects") }
    var found: [ConfigReader] = []
    for (index, value) in values.enumerated() {
      guard case .object(let element) = value else { throw wrong(key, expected: "a list of objects") }
      found.append(ConfigReader(element, path: "\(path): \(key)[\(index)]"))
    }
    return found
  }

  /// One of the named choices; the key may be absent if there is a fallback.
  mutating func choice<Choice: RawRepresentable<String> & CaseIterable>(
    _ key: String, default fallback: Choice? = nil
  ) throws(ImportError) -> Choice {
    let expected = "one of " + Choice.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
    guard has(key) || fallback == nil else {
      asked.insert(key)
      if let fallback { return fallback }
      throw wrong(key, expected: expected)
    }
    guard case .string(let name)? = value(key), let choice = Choice(rawValue: name) else { throw wrong(key, expected: expected) }
    return choice
  }
}
