import DriftFormat

/// Words for the numbers of the file format.
enum Names {
  static func opcode(_ value: UInt32) -> String {
    let names = [
      "quantize", "convolution", "normalize", "attention", "add", "average_pool", "upsample", "concatenate", "activate",
      "depthwise", "multiply", "load", "gather", "codebook", "send", "fire", "decay",
    ]
    return (1...names.count).contains(Int(value)) ? names[Int(value) - 1] : "opcode \(value)"
  }

  static func type(_ value: UInt32) -> String {
    let names = ["float32", "int16", "int8", "int8_pair", "int32", "events"]
    return (1...names.count).contains(Int(value)) ? names[Int(value) - 1] : "type \(value)"
  }

  static func constant(_ value: UInt32) -> String {
    let names = ["weights", "floats", "sums", "activation", "exp", "bump", "depthwise", "values", "indices", "codebook", "rows"]
    return (1...names.count).contains(Int(value)) ? names[Int(value) - 1] : "kind \(value)"
  }

  static func activation(_ value: UInt32) -> String {
    let names = ["none", "relu", "table", "bump"]
    return Int(value) < names.count ? names[Int(value)] : "activation \(value)"
  }

  /// What a normalization takes statistics over, or a load its row by; nil for other operators.
  static func mode(_ value: UInt32, of opcode: UInt32) -> String? {
    let names: [String]
    switch opcode {
    case UInt32(DRIFT_OP_NORMALIZE.rawValue): names = ["group", "pixel", "rms"]
    case UInt32(DRIFT_OP_LOAD.rawValue): names = ["fixed", "class", "step"]
    default: return nil
    }
    return Int(value) < names.count ? names[Int(value)] : "mode \(value)"
  }

  static func upsample(_ value: UInt32) -> String {
    let names = ["none", "nearest", "phases"]
    return Int(value) < names.count ? names[Int(value)] : "upsampling \(value)"
  }

  static func prediction(_ value: UInt32) -> String {
    let names = ["epsilon", "sample", "v", "flow"]
    return Int(value) < names.count ? names[Int(value)] : "prediction \(value)"
  }
}
