import DriftGraph

/// What `config.json` says about a diffusers `UNet1DModel`, checked and with diffusers' defaults filled in.
struct UNet1DConfiguration {
  /// A level of the network.
  enum Block: Equatable {
    /// Three blocks of two convolutions. The first level joins the time embedding to the sample and keeps the length (`NoSkip`); the last
    /// ends without normalization.
    case outer
    /// Three blocks of two convolutions, with self-attention after each; halves or doubles the length by a cubic filter.
    case convolutions(attention: Bool)
    /// Residual blocks that project the time embedding (Janner et al. 2022).
    case temporal
  }

  enum Middle: Equatable {
    /// Six blocks with attention, at half the length.
    case convolutions
    /// Residual blocks that project the time embedding; halves the length where `isHalved`.
    case temporal(isHalved: Bool)
  }

  var path: String
  /// Length of a signal; nil: the checkpoint leaves it open.
  var length: Int?
  var inputChannels: Int
  var outputChannels: Int

  var timeEmbedding: UNet2DConfiguration.TimeEmbedding
  /// Values of the sines and cosines.
  var timeWidth: Int
  var frequencyShift: Float
  var cosineFirst: Bool
  /// Two layers follow the sines and cosines; nil: the sines and cosines are joined to the sample.
  var timeActivation: Activation?

  var downBlocks: [Block]
  var middle: Middle
  var upBlocks: [Block]
  var blockChannels: [Int]
  var layersPerBlock: Int
  var downsamplesLastBlock: Bool
  /// Groups and activation of the last convolutions; nil: there are none.
  var ending: Ending?

  struct Ending: Equatable {
    var groups: Int
    var activation: Activation
  }
}
