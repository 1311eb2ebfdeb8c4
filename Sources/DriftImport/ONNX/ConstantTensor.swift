/// A constant of an ONNX graph as float32, row-major.
struct ConstantTensor {
  var shape: [Int]
  var values: [Float]

  /// The value that all elements have; nil if they differ.
  var uniform: Float? {
    guard let first = values.first, values.allSatisfy({ $0 == first }) else { return nil }
    return first
  }

  /// Elements as integers; what lies beyond 2^30 in magnitude, where no length or index is, becomes that.
  var integers: [Int] { values.map { $0.isNaN ? 0 : Int(min(max($0, -0x1p30), 0x1p30)) } }

  /// Every element replaced.
  func map(_ change: (Float) -> Float) -> ConstantTensor { ConstantTensor(shape: shape, values: values.map(change)) }

  /// The same with leading dimensions of length 1, or without some of them.
  func ranked(_ rank: Int) -> ConstantTensor? {
    var shape = shape
    while shape.count < rank { shape.insert(1, at: 0) }
    while shape.count > rank, shape.first == 1 { shape.removeFirst() }
    return shape.count == rank ? ConstantTensor(shape: shape, values: values) : nil
  }
}
