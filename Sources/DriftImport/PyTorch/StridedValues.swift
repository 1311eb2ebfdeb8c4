/// Values of a tensor within bytes, gathered in row-major order as float32.
struct StridedValues {
  var format: TensorFormat
  var shape: [Int]
  /// Distance from one index to the next, in values; as many as `shape` has dimensions.
  var strides: [Int]
  /// Values in front of the first one.
  var offset: Int
  /// Product of `shape`.
  var count: Int

  init(format: TensorFormat, shape: [Int], strides: [Int], offset: Int, count: Int) {
    (self.format, self.shape, self.strides, self.offset, self.count) = (format, shape, strides, offset, count)
  }

  /// Values in one run from the first byte on. The product of the shape is known not to overflow.
  init(format: TensorFormat, contiguous shape: [Int]) {
    let count = shape.contains(0) ? 0 : shape.reduce(1, *)
    var strides = [Int](repeating: 1, count: shape.count)
    if count > 0 {
      for index in shape.indices.dropLast().reversed() { strides[index] = strides[index + 1] * shape[index + 1] }
    }
    self.init(format: format, shape: shape, strides: strides, offset: 0, count: count)
  }

  /// Whether the values lie in one run.
  var isContiguous: Bool {
    var expected = 1
    for (length, stride) in zip(shape, strides).reversed() where length != 1 {
      guard stride == expected else { return false }
      expected *= length
    }
    return true
  }

  /// Reads all values. The caller has checked that the last one lies within the bytes, and that the format can be read.
  func gather(from bytes: UnsafeRawBufferPointer) -> [Float] {
    switch format {
    case .float64: gather(bytes, Double.self) { Float($0) }
    case .float32: gather(bytes, Float.self) { $0 }
    case .float16: gather(bytes, UInt16.self) { Float(Float16(bitPattern: $0)) }
    case .bfloat16: gather(bytes, UInt16.self) { Float(bitPattern: UInt32($0) << 16) }
    case .int64: gather(bytes, Int64.self) { Float($0) }
    case .int32: gather(bytes, Int32.self) { Float($0) }
    case .int16: gather(bytes, Int16.self) { Float($0) }
    case .int8: gather(bytes, Int8.self) { Float($0) }
    case .uint8: gather(bytes, UInt8.self) { Float($0) }
    case .bool: gather(bytes, UInt8.self) { $0 == 0 ? 0 : 1 }
    case .uint16, .uint32, .uint64, .float8e4m3, .float8e5m2, .complex64, .complex128: []
    }
  }

  private func gather<Stored: BitwiseCopyable>(
    _ bytes: UnsafeRawBufferPointer, _ type: Stored.Type, _ convert: (Stored) -> Float
  ) -> [Float] {
    let width = MemoryLayout<Stored>.size
    func value(_ index: Int) -> Float { convert(bytes.loadUnaligned(fromByteOffset: width * index, as: Stored.self)) }
    return [Float](unsafeUninitializedCapacity: count) { values, initialized in
      initialized = count
      guard count > 0 else { return }
      let target = values
      if isContiguous {
        for index in 0..<count { target.initializeElement(at: index, to: value(offset + index)) }
        return
      }
      let (inner, innerStride) = (shape.last ?? 1, strides.last ?? 0)
      var indices = [Int](repeating: 0, count: max(shape.count - 1, 0))
      var (position, first) = (0, offset)
      while position < count {
        for index in 0..<inner { target.initializeElement(at: position + index, to: value(first + index * innerStride)) }
        position += inner
        for dimension in indices.indices.reversed() {
          indices[dimension] += 1
          first += strides[dimension]
          if indices[dimension] < shape[dimension] { break }
          first -= strides[dimension] * shape[dimension]
          indices[dimension] = 0
        }
      }
    }
  }
}
