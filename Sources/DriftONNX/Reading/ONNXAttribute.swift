/// A node's attribute.
public enum ONNXAttribute: Sendable {
  case float(Float)
  case integer(Int)
  case string(String)
  case tensor(TensorValue)
  case floats([Float])
  case integers([Int])
  case strings([String])
  /// A graph of its own (If, Loop, Scan).
  case graph
}

/// An operator of an ONNX graph.
public struct ONNXNode: Sendable {
  /// Its name; one made from its operator and position if the file gives none.
  public var name: String
  /// ONNX's name of the operator.
  public var op: String
  /// Names of the tensors that it reads; empty for an optional input that is left out.
  public var inputs: [String]
  /// Names of the tensors that it makes.
  public var outputs: [String]
  /// Attributes by name.
  public var attributes: [String: ONNXAttribute]

  func integer(_ key: String, default fallback: Int) -> Int {
    if case .integer(let value)? = attributes[key] { value } else { fallback }
  }

  func float(_ key: String, default fallback: Float) -> Float {
    if case .float(let value)? = attributes[key] { value } else { fallback }
  }

  func string(_ key: String, default fallback: String) -> String {
    if case .string(let value)? = attributes[key] { value } else { fallback }
  }

  func integers(_ key: String) -> [Int]? {
    if case .integers(let values)? = attributes[key] { values } else { nil }
  }

  func floats(_ key: String) -> [Float]? {
    if case .floats(let values)? = attributes[key] { values } else { nil }
  }

  func tensor(_ key: String) -> TensorValue? {
    if case .tensor(let value)? = attributes[key] { value } else { nil }
  }
}
