/// A trained tensor, row-major float32. Convolution weights are [outputs, inputs, kernel height, kernel width]; linear layers are 1x1
/// convolutions.
public struct Parameter: Sendable {
  /// Lengths of the dimensions, outermost first.
  public var shape: [Int]
  /// As many as the product of `shape`.
  public var values: [Float]

  /// A tensor from its parts.
  public init(shape: [Int], values: [Float]) {
    self.shape = shape
    self.values = values
  }
}
