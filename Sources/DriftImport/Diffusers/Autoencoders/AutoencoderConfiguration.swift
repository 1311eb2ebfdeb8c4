import DriftGraph

/// What `config.json` says about the decoder of diffusers' `AutoencoderKL` or `VQModel`, checked and with diffusers' defaults filled in.
struct AutoencoderConfiguration {
  enum Normalization: String, CaseIterable {
    case group
    /// Group normalization scaled and shifted by the latent at every pixel (MoVQ, Zheng et al. 2022).
    case spatial
  }

  var path: String
  var outputChannels: Int
  /// Channels of what the decoder's first convolution takes.
  var latentChannels: Int
  /// Channels of each level, from the picture inwards.
  var blockChannels: [Int]
  /// Whether attention follows each layer, by level from the latent outwards.
  var blockAttention: [Bool]
  var layersPerBlock: Int
  var midBlockAttention: Bool
  var groups: Int
  var activation: Activation
  var normalization: Normalization
  /// A 1x1 convolution stands in front of the decoder.
  var projectsLatents: Bool
  /// Rows and channels of the codebook that latents are rounded to; nil: they are not.
  var codebook: (codes: Int, channels: Int)?
  /// From the denoiser's latents to the decoder's.
  var scaling: LatentScaling

  /// Channels of the latents.
  var inputChannels: Int { codebook?.channels ?? latentChannels }
}
