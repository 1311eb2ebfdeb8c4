/// What a node computes. Parameters are named by their key in `Graph.parameters`.
///
/// Every value is channels x height x width. Tokens of a transformer are pixels: a sequence of N tokens of C values is C x 1 x N, a linear
/// layer on tokens a 1x1 convolution, a signal of length N likewise C x 1 x N.
public enum Operation: Sendable, Equatable {
  // MARK: - Inputs

  /// The noisy sample x_t.
  case sample
  /// The timestep, as one value.
  case timestep
  /// The class label, as one value.
  case classLabel
  /// Another input by its name: context tokens, a conditioning picture. Its shape is given.
  case input(String)
  /// A trained value of [channels, height, width], such as position embeddings.
  case parameter(String)
  /// A value of the timestep and the class alone, computed by `Graph.stepFunctions`. Its shape is given.
  case stepFunction(String)

  // MARK: - Embeddings

  /// Sines and cosines of the timestep (Vaswani et al., as in DDPM): `dimension` values.
  /// frequency i = exp(-ln(maximumPeriod) * i / (dimension/2 - frequencyShift)); cosines first when `cosineFirst`.
  case sinusoidalEmbedding(dimension: Int, frequencyShift: Float, cosineFirst: Bool, maximumPeriod: Float)
  /// Sines and cosines of ln(timestep) * weight * 2 pi (score SDE); cosines first when `cosineFirst`.
  case fourierEmbedding(weight: String, logarithm: Bool, cosineFirst: Bool)
  /// Row of a table [classes, channels], chosen by the class label.
  case embedding(table: String)

  // MARK: - Layers

  /// A two-dimensional convolution or a linear layer.
  case convolution(Convolution)
  /// A two-dimensional convolution of each channel by itself: weights [channels, 1, kernel height, kernel width], bias [channels].
  case depthwise(Convolution)
  /// A transposed convolution: weights [inputs, outputs, kernel height, kernel width], bias [outputs].
  case transposedConvolution(TransposedConvolution)
  /// Normalization over runs of channels and all pixels, then gamma and beta, each per channel or per channel and pixel
  /// ([channels, height, width]).
  case groupNormalization(groups: Int, epsilon: Float, gamma: String, beta: String)
  /// Normalization of each pixel over its channels, then gamma and beta per channel where they exist.
  case layerNormalization(epsilon: Float, gamma: String?, beta: String?)
  /// x / sqrt(mean of x^2 + epsilon) of each pixel over its channels, times gamma per channel where it exists.
  case rootMeanSquareNormalization(epsilon: Float, gamma: String?)
  case activation(Activation)
  /// ReLU clipped at `range` and rounded, halves to even, to one of `levels` equal steps above 0 (quantized training: the PACT family).
  case quantizedActivation(range: Float, levels: Int)
  /// What spiking networks do besides: see `SpikingOperation`.
  case spiking(SpikingOperation)
  /// Multi-head attention over pixels as tokens; inputs q, k, v. softmax(q k^T * factor) v, per head. Keys and values may have another number
  /// of pixels than queries (cross-attention), and values another number of channels.
  case attention(heads: Int, factor: Float)
  /// Each pixel's channels replaced by the nearest row of a codebook [codes, channels] (VQ-VAE).
  case nearestCode(table: String)

  // MARK: - Arithmetic

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

  // MARK: - Rearrangements

  /// Joined by channel.
  case concatenate
  /// Some of the channels.
  case channelSlice(first: Int, count: Int)
  /// Two sequences one after the other; both have one row.
  case concatenatePixels
  /// A part of the picture.
  case crop(top: Int, left: Int, height: Int, width: Int)
  /// More rows and columns around the picture.
  case pad(Padding)
  /// The same pixels, in the same order, in rows of another length.
  case reshapePixels(height: Int, width: Int)
  /// Rows become columns.
  case transposePixels
  /// A vector at every pixel of a picture.
  case broadcast(height: Int, width: Int)
  /// Pixel (y * block + i, x * block + j) takes channel c from channel (i * block + j) * channels + c of pixel (y, x).
  case depthToSpace(block: Int)
  /// The inverse of `depthToSpace`.
  case spaceToDepth(block: Int)
  /// Nearest neighbour, twice the height and width.
  case upsampleNearest
  /// Another height and width.
  case resize(Resize)
  /// Mean of 2x2 pixels, half the height and width (rounded down).
  case averagePool
}
