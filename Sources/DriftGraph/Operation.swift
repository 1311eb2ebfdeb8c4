/// What a node computes. Parameters are named by their key in `Graph.parameters`.
public enum Operation: Sendable, Equatable {
  /// The noisy sample x_t.
  case sample
  /// The timestep, as one value.
  case timestep
  /// The class label, as one value.
  case classLabel
  /// Sines and cosines of the timestep (Vaswani et al., as in DDPM): `dimension` values.
  /// frequency i = exp(-ln(maximumPeriod) * i / (dimension/2 - frequencyShift)); cosines first when `cosineFirst`.
  case sinusoidalEmbedding(dimension: Int, frequencyShift: Float, cosineFirst: Bool, maximumPeriod: Float)
  /// Sines and cosines of ln(timestep) * weight * 2 pi (score SDE); cosines first when `cosineFirst`.
  case fourierEmbedding(weight: String, logarithm: Bool, cosineFirst: Bool)
  /// Row of a table [classes, channels], chosen by the class label.
  case embedding(table: String)
  /// A two-dimensional convolution or a linear layer.
  case convolution(Convolution)
  /// A two-dimensional convolution of each channel by itself: weights [channels, 1, kernel, kernel], bias [channels].
  case depthwise(Convolution)
  /// Normalization over runs of channels and all pixels, then gamma and beta per channel.
  case groupNormalization(groups: Int, epsilon: Float, gamma: String, beta: String)
  case activation(Activation)
  /// Sum of two values; the second may be a vector that is added to every pixel.
  case add
  /// x * (1 + s) + t, with s and t the first and second half of a vector of 2 * channels.
  case modulate
  /// x * factor.
  case scale(Float)
  /// Product of two values; the second may be a vector, for every pixel, or a single value.
  case multiply
  /// 1 / x.
  case reciprocal
  /// Joined by channel.
  case concatenate
  /// Nearest neighbour, twice the height and width.
  case upsampleNearest
  /// Mean of 2x2 pixels, half the height and width (rounded down).
  case averagePool
  /// Multi-head attention over pixels as tokens; inputs q, k, v. softmax(q k^T * factor) v, per head.
  case attention(heads: Int, factor: Float)
}

/// A two-dimensional convolution (a linear layer where the kernel is 1x1), zero padding.
public struct Convolution: Sendable, Equatable {
  /// Key of the weights [outputs, inputs, kernel, kernel].
  public var weight: String
  /// Key of the bias [outputs], if there is one.
  public var bias: String?
  /// Height and width of the kernel.
  public var kernel: Int
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

  /// A linear layer, unless a kernel is given.
  public init(
    weight: String, bias: String?, kernel: Int = 1, stride: Int = 1, padTop: Int = 0, padLeft: Int = 0, padBottom: Int = 0,
    padRight: Int = 0
  ) {
    self.weight = weight
    self.bias = bias
    self.kernel = kernel
    self.stride = stride
    self.padTop = padTop
    self.padLeft = padLeft
    self.padBottom = padBottom
    self.padRight = padRight
  }
}
