/// A transposed convolution: input pixel (y, x) adds its weighted kernel to the output from row y * stride - padTop and column
/// x * stride - padLeft on; what falls outside of `height` x `width` is dropped.
public struct TransposedConvolution: Sendable, Equatable {
  /// Key of the weights [inputs, outputs, kernel height, kernel width].
  public var weight: String
  /// Key of the bias [outputs], if there is one.
  public var bias: String?
  /// Rows of the kernel.
  public var kernelHeight: Int
  /// Columns of the kernel.
  public var kernelWidth: Int
  /// Output pixels from one input pixel to the next, in both directions.
  public var stride: Int
  /// Output rows dropped above.
  public var padTop: Int
  /// Output columns dropped to the left.
  public var padLeft: Int
  /// Height of the result.
  public var height: Int
  /// Width of the result.
  public var width: Int

  /// A transposed convolution from its parts.
  public init(
    weight: String, bias: String?, kernelHeight: Int, kernelWidth: Int, stride: Int, padTop: Int, padLeft: Int, height: Int,
    width: Int
  ) {
    self.weight = weight
    self.bias = bias
    self.kernelHeight = kernelHeight
    self.kernelWidth = kernelWidth
    self.stride = stride
    self.padTop = padTop
    self.padLeft = padLeft
    self.height = height
    self.width = width
  }
}
