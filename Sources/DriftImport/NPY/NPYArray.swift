/// An array of a NumPy `.npy` file, row-major. Pictures are [count, channels, height, width].
public struct NPYArray: Sendable, Equatable {
  /// The values, in the type that the file holds them in.
  public enum Elements: Sendable, Equatable {
    case float32([Float])
    case float64([Double])
    case int64([Int64])
  }

  /// Lengths of the dimensions, outermost first; empty for a single value.
  public var shape: [Int]
  /// The values, as many as the product of `shape`.
  public var elements: Elements

  /// A float32 array.
  public init(shape: [Int], _ values: [Float]) {
    self.shape = shape
    self.elements = .float32(values)
  }

  /// An array of any supported type.
  public init(shape: [Int], elements: Elements) {
    self.shape = shape
    self.elements = elements
  }

  /// The values as single floats.
  public var floats: [Float] {
    switch elements {
    case .float32(let values): values
    case .float64(let values): values.map(Float.init)
    case .int64(let values): values.map(Float.init)
    }
  }

  /// The values as doubles.
  public var doubles: [Double] {
    switch elements {
    case .float32(let values): values.map(Double.init)
    case .float64(let values): values
    case .int64(let values): values.map(Double.init)
    }
  }

  /// The values as integers; nil if they are of a floating-point type.
  public var integers: [Int]? {
    guard case .int64(let values) = elements else { return nil }
    return values.map(Int.init)
  }

  /// Number of values.
  public var count: Int {
    switch elements {
    case .float32(let values): values.count
    case .float64(let values): values.count
    case .int64(let values): values.count
    }
  }
}
