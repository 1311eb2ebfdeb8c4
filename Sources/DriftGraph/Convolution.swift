/// A two-dimensional convolution (a linear layer where the kernel is 1x1, one-dimensional where it has one row), zero padding.
public struct Convolution: Sendable, Equatable {
  /// Key of the weights [outputs, inputs, kernel height, kernel width].
  public var weight: String
  /// Key of the bias [outputs], if there is one.
  public var bias: String?
  /// Rows of the kernel.
  public var kernelHeight: Int
  /// Columns of the kernel.
  public var kernelWidth: Int
  /// Pixels from one output to the next, in both directions.
  public var stride: Int
  /// Rows of zeros above.
  public var padTop: Int
  /// Columns of zeros to the left.
  public var padLeft: Int
  /// Rows of zeros below.
  public var padBottom: Int
  /// Columns of zeros to the right.
  public var padRight: Int

  /// Taps of the kernel.
  public var taps: Int { kernelHeight * kernelWidth }

  /// A linear layer, unless a square kernel is given.
  public init(
    weight: String, bias: String?, kernel: Int = 1, stride: Int = 1, padTop: Int = 0, padLeft: Int = 0, padBottom: Int = 0,
    padRight: Int = 0
  ) {
    self.weight = weight
    self.bias = bias
    kernelHeight = kernel
    kernelWidth = kernel
    self.stride = stride
    self.padTop = padTop
    self.padLeft = padLeft
    self.padBottom = padBottom
    self.padRight = padRight
  }

  /// A convolution along rows, of signals with one row.
  public init(weight: String, bias: String?, length: Int, stride: Int = 1, padLeft: Int = 0, padRight: Int = 0) {
    self.init(weight: weight, bias: bias, stride: stride, padLeft: padLeft, padRight: padRight)
    kernelWidth = length
  }
}
