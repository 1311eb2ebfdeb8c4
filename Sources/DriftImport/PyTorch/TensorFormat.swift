/// Number formats in which checkpoints store tensors, by safetensors' names.
public enum TensorFormat: String, Sendable, CaseIterable {
  case float64 = "F64"
  case float32 = "F32"
  case float16 = "F16"
  case bfloat16 = "BF16"
  case int64 = "I64"
  case int32 = "I32"
  case int16 = "I16"
  case int8 = "I8"
  case uint8 = "U8"
  case bool = "BOOL"
  // Known by size, so that a file which holds some beside its weights can be opened; their values are refused.
  case uint16 = "U16"
  case uint32 = "U32"
  case uint64 = "U64"
  case float8e4m3 = "F8_E4M3"
  case float8e5m2 = "F8_E5M2"
  case complex64 = "C64"
  case complex128 = "C128"

  /// Bytes of one value.
  public var bytes: Int {
    switch self {
    case .complex128: 16
    case .float64, .int64, .uint64, .complex64: 8
    case .float32, .int32, .uint32: 4
    case .float16, .bfloat16, .int16, .uint16: 2
    case .int8, .uint8, .bool, .float8e4m3, .float8e5m2: 1
    }
  }

  /// Whether values can be read as float32.
  public var isReadable: Bool {
    switch self {
    case .float64, .float32, .float16, .bfloat16, .int64, .int32, .int16, .int8, .uint8, .bool: true
    case .uint16, .uint32, .uint64, .float8e4m3, .float8e5m2, .complex64, .complex128: false
    }
  }
}
