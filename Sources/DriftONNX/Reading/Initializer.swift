import Foundation

/// A trained tensor of a model; its values are read from where they lie when they are asked for.
public struct Initializer: Sendable {
  /// Where the values are.
  private enum Content: Sendable {
    case bytes(Data)
    case value(TensorValue)
    case external(path: String, offset: Int, length: Int)
  }

  /// Its name.
  public let name: String
  /// Its number format.
  public let type: ElementType
  /// Lengths of its dimensions.
  public let shape: [Int]
  /// The file that errors name.
  private let path: String
  private let content: Content

  init(_ tensor: DriftOnnx_Tensor, raw: Data?, _ path: String) throws(ONNXError) {
    func fail(_ problem: String) -> ONNXError { ONNXError(path, "tensor '\(tensor.name)' \(problem)") }
    name = tensor.name
    self.path = path
    guard let type = ElementType(rawValue: tensor.dataType) else {
      throw fail(
        "has the number format \(tensor.dataType), which cannot be read; float, float16, bfloat16, double, integers and bool can")
    }
    self.type = type
    shape = tensor.dims.map { Int($0) }
    guard let count = Layout.count(shape) else { throw fail("has the impossible shape \(shape)") }
    if tensor.dataLocation == 1 {
      content = try Self.external(tensor, bytes: count * type.size, path)
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
  public func value() throws(ONNXError) -> TensorValue {
    switch content {
    case .value(let value): return value
    case .bytes(let bytes): return bytes.withUnsafeBytes { Self.decode($0, type, shape) }
    case .external(let file, let offset, let length):
      guard let handle = FileHandle(forReadingAtPath: file) else {
        throw ONNXError(
          path, "tensor '\(name)' lies in '\(file)', which cannot be opened: put the file of external data beside the model")
      }
      defer { try? handle.close() }
      do {
        try handle.seek(toOffset: UInt64(offset))
        guard let bytes = try handle.read(upToCount: length), bytes.count == length else {
          throw ONNXError(
            path, "tensor '\(name)' lies in '\(file)', which is cut off: it should have \(length) bytes from \(offset) on")
        }
        return bytes.withUnsafeBytes { Self.decode($0, type, shape) }
      } catch let error as ONNXError {
        throw error
      } catch {
        throw ONNXError(path, "tensor '\(name)' lies in '\(file)', which cannot be read: \(error.localizedDescription)")
      }
    }
  }

  /// Finds external data, which must lie in the model's folder.
  private static func external(_ tensor: DriftOnnx_Tensor, bytes: Int, _ path: String) throws(ONNXError) -> Content {
    var (location, offset, length): (String?, Int, Int) = (nil, 0, bytes)
    for entry in tensor.externalData {
      switch entry.key {
      case "location": location = entry.value
      case "offset": offset = Int(entry.value) ?? -1
      case "length": length = Int(entry.value) ?? -1
      default: break
      }
    }
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().resolvingSymlinksInPath()
    guard let location, !location.isEmpty, !location.hasPrefix("/"), !location.split(separator: "/").contains("..") else {
      throw ONNXError(path, "tensor '\(tensor.name)' lies in '\(location ?? "")': external data must lie in the model's folder")
    }
    let file = folder.appendingPathComponent(location)
    let resolved = file.resolvingSymlinksInPath().path
    guard resolved.hasPrefix(folder.path + "/") || folder.path == "/" else {
      throw ONNXError(path, "tensor '\(tensor.name)' lies in '\(location)', a link out of the model's folder")
    }
    guard FileManager.default.fileExists(atPath: resolved) else {
      throw ONNXError(path, "tensor '\(tensor.name)' lies in '\(location)', which is missing: put it beside the model")
    }
    let size = ((try? FileManager.default.attributesOfItem(atPath: resolved))?[.size] as? NSNumber)?.intValue ?? 0
    guard length == bytes, offset >= 0, offset <= size, length <= size - offset else {
      throw ONNXError(
        path,
        "tensor '\(tensor.name)' takes \(bytes) bytes, but '\(location)' of \(size) bytes should hold \(length) from \(offset) on")
    }
    return .external(path: resolved, offset: offset, length: length)
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
