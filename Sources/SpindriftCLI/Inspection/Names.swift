import DriftFormat

/// Words for the numbers of the file format.
enum Names {
  static func opcode(_ value: UInt32) -> String {
    let names = [
      "quantize", "convolution", "normalize", "attention", "add", "average_pool", "upsample", "concatenate", "activate",
      "depthwise",
    ]
    return (1...names.count).contains(Int(value)) ? names[Int(value) - 1] : "opcode \(value)"
  }

  static func type(_ value: UInt32) -> String {
    let names = ["float32", "int16", "int8", "int8_pair"]
    return (1...names.count).contains(Int(value)) ? names[Int(value) - 1] : "type \(value)"
  }

  static func constant(_ value: UInt32) -> String {
    let names = ["weights", "floats", "sums", "activation", "exp", "bump", "depthwise"]
    return (1...names.count).contains(Int(value)) ? names[Int(value) - 1] : "kind \(value)"
  }

  static func activation(_ value: UInt32) -> String {
    let names = ["none", "relu", "table", "bump"]
    return Int(value) < names.count ? names[Int(value)] : "activation \(value)"
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
