/// An operator of an ONNX graph, or what was recognized in several of them (`Recognition`).
struct TranslationNode {
  enum Attribute {
    case integer(Int)
    case float(Float)
    case string(String)
    case integers([Int])
    case floats([Float])
    case other
  }

  var name: String
  /// ONNX's name of the operator, or one of `Recognition`'s.
  var op: String
  var inputs: [String]
  var outputs: [String]
  var attributes: [String: Attribute]

  func integer(_ key: String) -> Int? {
    if case .integer(let value)? = attributes[key] { value } else { nil }
  }

  func float(_ key: String) -> Float? {
    if case .float(let value)? = attributes[key] { value } else { nil }
  }

  func string(_ key: String) -> String? {
    if case .string(let value)? = attributes[key] { value } else { nil }
  }

  func integers(_ key: String) -> [Int]? {
    if case .integers(let values)? = attributes[key] { values } else { nil }
  }
}
