/// A trained tensor, row-major float32. Convolution weights are [outputs, inputs, kernel height, kernel width]; linear layers are 1x1
/// convolutions.
public struct Parameter: Sendable {
  public var shape: [Int]
  public var values: [Float]

  public init(shape: [Int], values: [Float]) {
    self.shape = shape
    self.values = values
  }
}
