import DriftGraph

/// What `config.json` says about a diffusers `UNet2DConditionModel`, checked and with diffusers' defaults filled in.
struct UNet2DConditionConfiguration {
  /// What follows each residual block of a level.
  enum Attention {
    case none
    /// Self-attention over pixels.
    case pixels
    /// Transformer layers: self-attention, attention over the context, feed-forward.
    case transformer
    /// Attention over the context and the pixels together (DeepFloyd IF).
    case joint
  }

  struct Block {
    var attention: Attention
    /// A whole residual block halves or doubles the picture instead of a convolution. `resnet_skip_time_act` and
    /// `resnet_out_scale_factor` hold for such levels alone.
    var resnetSampling: Bool

    /// Whether the level reads the context.
    var usesContext: Bool { attention == .transformer || attention == .joint }
  }

  enum ClassEmbedding: Equatable {
    /// A table of as many rows.
    case table(Int)
    /// The label goes through the same embedding as the timestep.
    case timestep
    /// A given vector is added to the time embedding as it is.
    case identity
    /// A given vector of as many values goes through two layers.
    case projection(Int)
    /// A given vector of as many values goes through one layer.
    case simpleProjection(Int)
  }

  /// What is added to the time embedding besides the class.
  enum Addition: Equatable {
    /// The context, pooled by attention of as many heads.
    case text(heads: Int)
    /// A pooled text embedding and sizes and crops, each of which becomes `width` sines and cosines; `inputs` values in all.
    case textAndTime(width: Int, inputs: Int)
  }

  enum ContextNormalization: String, CaseIterable {
    case layer = "layer_norm"
    case group = "group_norm"
  }

  var path: String
  /// Height and width; nil: the checkpoint leaves it open.
  var sampleSize: (height: Int, width: Int)?
  var inputChannels: Int
  var outputChannels: Int
  var centersInput: Bool

  var timeEmbedding: UNet2DConfiguration.TimeEmbedding
  var timeEmbeddingDimension: Int
  var frequencyShift: Float
  var cosineFirst: Bool
  /// After the second layer of the time embedding.
  var timePostActivation: Activation?
  /// After class and additions are added to it.
  var timeActivation: Activation?
  /// Values of a condition that is added to the sines and cosines of the timestep (the guidance scale of distilled models).
  var timeConditionWidth: Int?
  var classEmbedding: ClassEmbedding?
  /// The class is joined to the time embedding instead of added.
  var joinsClass: Bool
  /// `num_class_embeds`, which bounds the labels even where they are not rows of a table.
  var labelCount: Int?
  var addition: Addition?

  var downBlocks: [Block]
  /// Nil: there is no middle block.
  var midAttention: Attention?
  var upBlocks: [Block]
  var blockChannels: [Int]
  var layersPerBlock: [Int]
  var downTransformerLayers: [LayerRepeats]
  /// In the order of the up blocks.
  var upTransformerLayers: [LayerRepeats]
  /// The layers around transformers are stored as linear layers, not as 1x1 convolutions.
  var projectsLinearly: Bool
  /// `attention_head_dim`: the number of heads of transformers, but the channels of a head of the other kinds of attention.
  var heads: [Int]
  /// The first attention of a level's transformer layers reads the context too, or joint attention reads the context alone.
  var onlyContext: [Bool]
  var midOnlyContext: Bool
  /// Channels of a context token as the model gets it.
  var contextWidth: Int
  /// Channels of a context token as the levels read it.
  var crossWidth: Int
  /// A linear layer leads from one to the other.
  var projectsContext: Bool
  var contextNormalization: ContextNormalization?

  var midBlockScale: Float
  var resnetScale: Float
  /// Levels that sample by residual blocks do not activate the time embedding.
  var skipsTimeActivation: Bool
  var modulation: UNet2DConfiguration.TimeModulation
  var downsamplePadding: Int
  var activation: Activation
  var groups: Int
  var epsilon: Float
  var inputKernel: Int
  var outputKernel: Int
}
