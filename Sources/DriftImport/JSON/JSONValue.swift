/// A JSON document. Numbers written without fraction and exponent stay integers.
enum JSONValue: Sendable, Equatable {
  case null
  case bool(Bool)
  case integer(Int)
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object(JSONObject)

  /// As it would be written, shortened, for error messages.
  var description: String {
    switch self {
    case .null: "null"
    case .bool(let value): value ? "true" : "false"
    case .integer(let value): "\(value)"
    case .number(let value): "\(value)"
    case .string(let value): "\"\(value.prefix(80))\""
    case .array(let values): "[" + values.prefix(8).map(\.description).joined(separator: ", ") + (values.count > 8 ? ", ...]" : "]")
    case .object(let object): "an object of \(object.members.count) keys"
    }
  }
}

/// The members of a JSON object in the order of the document; no key occurs twice.
struct JSONObject: Sendable, Equatable {
  private(set) var members: [(key: String, value: JSONValue)] = []
  private var index: [String: Int] = [:]

  subscript(key: String) -> JSONValue? { index[key].map { members[$0].value } }

  /// False if the key is there already.
  mutating func insert(_ key: String, _ value: JSONValue) -> Bool {
    guard index.updateValue(members.count, forKey: key) == nil else { return false }
    members.append((key, value))
    return true
  }

  static func == (a: JSONObject, b: JSONObject) -> Bool {
    a.members.elementsEqual(b.members) { $0.key == $1.key && $0.value == $1.value }
  }
}
