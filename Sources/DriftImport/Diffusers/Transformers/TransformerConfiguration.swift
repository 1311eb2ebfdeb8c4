import DriftGraph

/// What `config.json` says about diffusers' transformers on pictures (`DiTTransformer2DModel`, `PixArtTransformer2DModel`,
/// `Transformer2DModel`), checked and with diffusers' defaults filled in.
struct TransformerConfiguration {
  /// What the normalizations of a layer learn from.
  enum Normalization: String, CaseIterable {
    /// Nothing.
    case layer = "layer_norm"
    /// A table of timesteps scales and shifts.
    case table = "ada_norm"
    /// Timestep and class scale, shift and gate, with an embedding in each layer (DiT, Peebles and Xie 2023).
    case zero = "ada_norm_zero"
    /// One embedding of the timestep for all layers, each of which adds a table of its own (PixArt, Chen et al. 2023).
    case single = "ada_norm_single"
  }

  /// The first layer of the feed-forward part.
  enum FeedForward: Equatable {
    case plain(Activation)
    /// One half times the GELU of the other.
    case gated
  }

  var path: String
  var model: DiffusersModel
  /// Height and width; nil: the checkpoint leaves it open.
  var sampleSize: (height: Int, width: Int)?
  var channels: Int
  /// Channels of the answer; variances, where there are as many again.
  var outputChannels: Int
  /// Side of the square of pixels that becomes a token; nil: a pixel is a token, without a position.
  var patchSize: Int?
  /// What positions are divided by.
  var interpolation: Float
  var heads: Int
  var headChannels: Int
  var layers: Int
  var normalization: Normalization
  var isAffine: Bool
  var epsilon: Float
  var groups: Int
  /// Classes for `zero`, that for none not counted; timesteps for `table`.
  var embeddings: Int?
  var attentionBias: Bool
  /// Channels of the tokens that cross-attention reads; nil: there is none.
  var crossChannels: Int?
  /// Channels of the context in front of the projection to `crossChannels`; nil: no projection.
  var captionChannels: Int?
  /// The first attention of a layer reads the context, too.
  var onlyContext: Bool
  var feedForward: FeedForward
  /// The layers in front of and behind the blocks are stored as linear layers.
  var projectsLinearly: Bool

  var inner: Int { heads * headChannels }
}
