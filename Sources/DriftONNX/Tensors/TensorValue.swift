/// A tensor of any rank with its values, row-major: constants of an ONNX graph, and what depends on the timestep and class alone.
///
/// Floating-point formats are held as float32, integers and truth values as 64-bit integers.
public struct TensorValue: Sendable, Equatable {
  /// Values in one of two forms.
  public enum Storage: Sendable, Equatable {
    case floats([Float])
    case integers([Int])
  }

  /// The number format that the model says.
  public var type: ElementType
  /// Lengths of the dimensions, outermost first; empty for a single value.
  public var shape: [Int]
  /// As many as the product of `shape`.
  public var storage: Storage

  /// A tensor of floats.
  public init(_ shape: [Int], floats: [Float]) {
    self.init(type: .float32, shape: shape, storage: .floats(floats))
  }

  /// A tensor of integers.
  public init(_ shape: [Int], integers: [Int], type: ElementType = .int64) {
    self.init(type: type, shape: shape, storage: .integers(integers))
  }

  init(type: ElementType, shape: [Int], storage: Storage) {
    self.type = type
    self.shape = shape
    self.storage = storage
  }

  /// Number of values.
  public var count: Int {
    switch storage {
    case .floats(let values): values.count
    case .integers(let values): values.count
    }
  }

  /// Bytes of memory that the values take.
  var bytes: Int {
    switch storage {
    case .floats(let values): values.count * MemoryLayout<Float>.size
    case .integers(let values): values.count * MemoryLayout<Int>.size
    }
  }

  /// Values as floats, whatever the form.
  public var floats: [Float] {
    switch storage {
    case .floats(let values): values
    case .integers(let values): values.map(Float.init)
    }
  }

  /// Values as integers, truncated; values that no integer can hold become the nearest that can.
  public var integers: [Int] {
    switch storage {
    case .integers(let values): values
    case .floats(let values): values.map(Self.integer)
    }
  }

  static func integer(_ value: Float) -> Int { integer(Double(value)) }

  static func integer(_ value: Double) -> Int {
    if value.isNaN { return 0 }
    if value >= 0x1p62 { return Int(Int32.max) << 30 }
    if value <= -0x1p62 { return Int(Int32.min) << 30 }
    return Int(value)
  }

  /// The same values in another shape of as many.
  func reshaped(_ shape: [Int]) -> TensorValue { TensorValue(type: type, shape: shape, storage: storage) }

  /// Values taken by index, in another shape.
  func taking(_ indices: [Int], shape: [Int]) -> TensorValue {
    switch storage {
    case .floats(let values): TensorValue(type: type, shape: shape, storage: .floats(indices.map { values[$0] }))
    case .integers(let values): TensorValue(type: type, shape: shape, storage: .integers(indices.map { values[$0] }))
    }
  }
}
