import Foundation

/// A trained tensor of a model; its values are read from where they lie when they are asked for.
public struct Initializer: Sendable {
  /// Where the values are.
  private enum Content: Sendable {
    case bytes(Data)
    case value(TensorValue)
  }

  /// Its name.
  public let name: String
  /// Its number format.
  public let type: ElementType
  /// Lengths of its dimensions.
  public let shape: [Int]
  private let content: Content

  init(_ tensor: DriftOnnx_Tensor, raw: Data?, _ path: String, _ external: inout ExternalData) throws(ONNXError) {
    func fail(_ problem: String) -> ONNXError { ONNXError(path, "tensor '\(tensor.name)' \(problem)") }
    name = tensor.name
    guard let type = ElementType(rawValue: tensor.dataType) else {
      throw fail(
        "has the number format \(tensor.dataType), which cannot be read; float, float16, bfloat16, double, integers and bool can")
    }
    self.type = type
    shape = tensor.dims.map { Int($0) }
    guard let count = Layout.count(shape) else { throw fail("has the impossible shape \(shape)") }
    if tensor.dataLocation == 1 {
      content = .bytes(try external.bytes(of: tensor, count: count * type.size))
    } else if let raw {
      guard raw.count == count * type.size else {
        throw fail("of shape \(shape) takes \(count * type.size) bytes, it holds \(raw.count)")
      }
      content = .bytes(raw)
    } else {
      content = .value(try Self.value(tensor, type, shape, count, fail))
    }
  }

  /// Its values.
  public func value() -> TensorValue {
    switch content {
    case .value(let value): return value
    case .bytes(let bytes): return bytes.withUnsafeBytes { Self.decode($0, type, shape) }
    }
  }

  /// Values that are fields of the message.
  private static func value(
    _ tensor: DriftOnnx_Tensor, _ type: ElementType, _ shape: [Int], _ count: Int, _ fail: (String) -> ONNXError
  ) throws(ONNXError) -> TensorValue {
    let storage: TensorValue.Storage
    switch type {
    case .float32: storage = .floats(tensor.floatData)
    case .float64: storage = .floats(tensor.doubleData.map { Float($0) })
    case .int64: storage = .integers(tensor.int64Data.map { Int($0) })
    case .float16: storage = .floats(tensor.int32Data.map { Float(Float16(bitPattern: UInt16(truncatingIfNeeded: $0))) })
    case .bfloat16: storage = .floats(tensor.int32Data.map { Float(bitPattern: UInt32(truncatingIfNeeded: $0) << 16) })
    case .bool: storage = .integers(tensor.int32Data.map { $0 == 0 ? 0 : 1 })
    case .uint8, .int8, .int16, .int32: storage = .integers(tensor.int32Data.map { Int($0) })
    }
    let value = TensorValue(type: type, shape: shape, storage: storage)
    guard value.count == count else { throw fail("of shape \(shape) has \(value.count) values, expected \(count)") }
    return value
  }

  /// Little-endian values; the count was checked against the shape.
  private static func decode(_ bytes: UnsafeRawBufferPointer, _ type: ElementType, _ shape: [Int]) -> TensorValue {
    let count = bytes.count / type.size
    func floats(_ element: (Int) -> Float) -> TensorValue.Storage {
      .floats(
        [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
          for index in 0..<count { buffer[index] = element(index) }
          initialized = count
        })
    }
    func integers(_ element: (Int) -> Int) -> TensorValue.Storage { .integers((0..<count).map(element)) }
    let storage: TensorValue.Storage =
      switch type {
      case .float32: floats { Float(bitPattern: bytes.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self)) }
      case .float64: floats { Float(Double(bitPattern: bytes.loadUnaligned(fromByteOffset: 8 * $0, as: UInt64.self))) }
      case .float16: floats { Float(Float16(bitPattern: bytes.loadUnaligned(fromByteOffset: 2 * $0, as: UInt16.self))) }
      case .bfloat16: floats { Float(bitPattern: UInt32(bytes.loadUnaligned(fromByteOffset: 2 * $0, as: UInt16.self)) << 16) }
      case .int64: integers { Int(bytes.loadUnaligned(fromByteOffset: 8 * $0, as: Int64.self)) }
      case .int32: integers { Int(bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Int32.self)) }
      case .int16: integers { Int(bytes.loadUnaligned(fromByteOffset: 2 * $0, as: Int16.self)) }
      case .int8: integers { Int(Int8(bitPattern: bytes[$0])) }
      case .uint8: integers { Int(bytes[$0]) }
      case .bool: integers { bytes[$0] == 0 ? 0 : 1 }
      }
    return TensorValue(type: type, shape: shape, storage: storage)
  }
}
