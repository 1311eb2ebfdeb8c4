import DriftGraph

/// What `config.json` says about a diffusers `UNet2DModel`, checked and with diffusers' defaults filled in.
struct UNet2DConfiguration {
  /// How a block's layers change the picture's size, and whether attention follows each of them.
  struct Block {
    var attention: Bool
    /// A whole residual block halves or doubles the picture instead of a convolution.
    var resnetSampling: Bool
  }

  enum TimeEmbedding: String, CaseIterable { case positional, fourier }

  enum TimeModulation: String, CaseIterable {
    /// The projected embedding is added to the first convolution.
    case shift = "default"
    /// The projected embedding scales and shifts the second normalization.
    case scaleAndShift = "scale_shift"
  }

  enum ClassEmbedding: Equatable {
    /// A table of as many rows.
    case table(Int)
    /// The label goes through the same embedding as the timestep.
    case timestep
    /// The label itself is added to every value of the embedding.
    case identity
  }

  var path: String
  /// Height and width; nil: the checkpoint leaves it open.
  var sampleSize: (height: Int, width: Int)?
  var channels: Int
  var centersInput: Bool
  var timeEmbedding: TimeEmbedding
  var timeEmbeddingDimension: Int
  var frequencyShift: Float
  var cosineFirst: Bool
  var downBlocks: [Block]
  var hasMidBlock: Bool
  var upBlocks: [Block]
  var blockChannels: [Int]
  var layersPerBlock: Int
  var midBlockScale: Float
  var downsamplePadding: Int
  var activation: Activation
  /// Channels of a head; nil: one head.
  var headChannels: Int?
  var groups: Int
  var attentionGroups: Int?
  var epsilon: Float
  var modulation: TimeModulation
  var midBlockAttention: Bool
  var classEmbedding: ClassEmbedding?
  /// `num_class_embeds`, which bounds the labels even where they are not rows of a table.
  var labelCount: Int?
}
