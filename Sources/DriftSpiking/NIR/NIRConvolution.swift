/// Parameters of NIR's Conv2d, which pads both sides alike.
public struct NIRConvolution: Sendable, Equatable {
  /// [outputs, inputs of a group, kernel height, kernel width].
  public var shape: [Int]
  /// As many as the product of `shape`.
  public var weight: [Float]
  /// [outputs].
  public var bias: [Float]
  /// Pixels from one output to the next, in both directions.
  public var stride: Int
  /// Rows of zeros above and below, columns to the left and right.
  public var padding: (height: Int, width: Int)
  /// Groups of channels.
  public var groups: Int

  /// A convolution that may pad its sides differently: the kernel grows by rows and columns of zeros until all its padding is even, which
  /// changes no result.
  public init(
    shape: [Int], weight: [Float], bias: [Float], stride: Int, top: Int, left: Int, bottom: Int, right: Int, groups: Int
  ) {
    let (height, width) = (max(top, bottom), max(left, right))
    let (above, before) = (height - top, width - left)
    let rows = shape[2] + above + height - bottom
    let columns = shape[3] + before + width - right
    if rows == shape[2] && columns == shape[3] {
      self.weight = weight
    } else {
      self.weight = [Float](repeating: 0, count: shape[0] * shape[1] * rows * columns)
      for map in 0..<shape[0] * shape[1] {
        for row in 0..<shape[2] {
          for column in 0..<shape[3] {
            self.weight[(map * rows + row + above) * columns + column + before] =
              weight[(map * shape[2] + row) * shape[3] + column]
          }
        }
      }
    }
    self.shape = [shape[0], shape[1], rows, columns]
    self.bias = bias
    self.stride = stride
    padding = (height, width)
    self.groups = groups
  }

  /// Each channel times its factor, plus its bias.
  static func channels(factors: [Float], bias: [Float]) -> NIRConvolution {
    NIRConvolution(
      shape: [factors.count, 1, 1, 1], weight: factors, bias: bias, stride: 1, top: 0, left: 0, bottom: 0, right: 0,
      groups: factors.count)
  }

  /// Equal in every parameter.
  public static func == (a: NIRConvolution, b: NIRConvolution) -> Bool {
    a.shape == b.shape && a.weight == b.weight && a.bias == b.bias && a.stride == b.stride && a.padding == b.padding
      && a.groups == b.groups
  }
}
