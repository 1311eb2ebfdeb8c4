/// Number formats of ONNX tensors that can be read, by their codes in the format.
public enum ElementType: Int32, Sendable, CaseIterable {
  case float32 = 1
  case uint8 = 2
  case int8 = 3
  case int16 = 5
  case int32 = 6
  case int64 = 7
  case bool = 9
  case float16 = 10
  case float64 = 11
  case bfloat16 = 16

  /// Bytes of an element.
  public var size: Int {
    switch self {
    case .uint8, .int8, .bool: 1
    case .int16, .float16, .bfloat16: 2
    case .float32, .int32: 4
    case .int64, .float64: 8
    }
  }

  /// Whether values are held as float32; all others are held as 64-bit integers.
  public var isFloat: Bool {
    switch self {
    case .float32, .float16, .float64, .bfloat16: true
    default: false
    }
  }
}
