import DriftEmission
import DriftFormat

/// Operators whose constants are as large as tensors, with made-up contents.
extension ImageBuilder {
  /// Adds a stored tensor.
  @discardableResult
  public mutating func load(_ name: String, to output: Int32, rows: Int, _ mode: drift_load) -> Int32 {
    let tensor = image.tensors[Int(output)]
    let size = tensor.type == DRIFT_TYPE_INT16 ? 2 : 1
    let count = tensor.height * tensor.width * tensor.channelStride
    let bytes =
      size == 2
      ? (0..<rows * count).flatMap { (index: Int) -> [UInt8] in
        let value = UInt16(bitPattern: Int16(index * 7919 % 20001 - 10000))
        return [UInt8(truncatingIfNeeded: value), UInt8(truncatingIfNeeded: value >> 8)]
      } : (0..<rows * count).map { (index: Int) -> UInt8 in UInt8(bitPattern: Int8(index * 89 % 255 - 127)) }
    let values = constant("\(name).values", DRIFT_CONSTANT_VALUES, rows, size, count, bytes)
    return add(name, DRIFT_OP_LOAD, [], to: output) {
      $0.constants.0 = values
      $0.mode = mode.rawValue
    }
  }

  /// Adds a gather of pixels.
  @discardableResult
  public mutating func gather(_ name: String, _ inputs: [Int32], to output: Int32, _ places: [Int32]) -> Int32 {
    let indices = constant("\(name).indices", DRIFT_CONSTANT_INDICES, places.count, 1, 1, places.withUnsafeBytes { Array($0) })
    return add(name, DRIFT_OP_GATHER, inputs, to: output) { $0.constants.0 = indices }
  }

  /// Adds a codebook.
  @discardableResult
  public mutating func codebook(_ name: String, _ input: Int32, to output: Int32, codes: Int) -> Int32 {
    let channels = image.tensors[Int(output)].channels
    let values = (0..<codes * channels).map { (index: Int) -> Int16 in Int16(index * 7919 % 12001 - 6000) }
    let book = constant(
      "\(name).codes", DRIFT_CONSTANT_CODEBOOK, codes, 1, channels, values.withUnsafeBytes { Array($0) })
    return add(name, DRIFT_OP_CODEBOOK, [input], to: output) {
      $0.constants.0 = book
      $0.gain = 0.0003
    }
  }
}
