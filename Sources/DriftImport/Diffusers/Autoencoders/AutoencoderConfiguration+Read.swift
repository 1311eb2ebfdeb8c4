import DriftGraph

extension AutoencoderConfiguration {
  /// Bounds far above any model, so that products of them stay in range.
  private static let lengths = 1...65_536

  /// Reads and checks `config.json`.
  /// - Throws: an error that names the key and its value for everything that cannot be converted.
  init(file path: String) throws(ImportError) {
    var reader = try ConfigReader(file: path)
    let name = try reader.string("_class_name")
    guard ["AutoencoderKL", "VQModel"].contains(name) else {
      throw reader.wrong("_class_name", expected: "\"AutoencoderKL\" or \"VQModel\"")
    }
    try self.init(&reader, isQuantized: name == "VQModel")
    // The encoder's, sizes for tiles, and casts: everything is float32 here.
    reader.ignore("in_channels", "down_block_types", "sample_size", "force_upcast", "use_quant_conv")
    // Only asked where the caller passes codes instead of latents.
    reader.ignore("lookup_from_codebook")
    reader.ignoreAverageOfWeights()
    try reader.refuseOthers(in: "\(name)'s options")
  }

  private init(_ reader: inout ConfigReader, isQuantized: Bool) throws(ImportError) {
    path = reader.path
    outputChannels = try reader.integer("out_channels", in: Self.lengths, default: 3)
    latentChannels = try reader.integer("latent_channels", in: Self.lengths, default: isQuantized ? 3 : 4)
    blockChannels = try reader.optionalIntegers("block_out_channels", in: Self.lengths) ?? [64]
    guard (1...16).contains(blockChannels.count) else {
      throw reader.wrong("block_out_channels", expected: "a list of 1 to 16 integers")
    }
    blockAttention = []
    for name in reader.has("up_block_types") ? try reader.strings("up_block_types") : ["UpDecoderBlock2D"] {
      guard ["UpDecoderBlock2D", "AttnUpDecoderBlock2D"].contains(name) else {
        throw ImportError(
          path,
          "'up_block_types' names the block \"\(name)\"; \"UpDecoderBlock2D\" and \"AttnUpDecoderBlock2D\" can be converted")
      }
      blockAttention.append(name == "AttnUpDecoderBlock2D")
    }
    guard blockAttention.count == blockChannels.count else {
      throw reader.wrong(
        "up_block_types", expected: "\(blockChannels.count) blocks, as many as block_out_channels has values")
    }
    layersPerBlock = try reader.integer("layers_per_block", in: 1...1024, default: 1)
    midBlockAttention = try reader.bool("mid_block_add_attention", default: true)
    groups = try reader.integer("norm_num_groups", in: Self.lengths, default: 32)
    activation = try reader.activation("act_fn", default: "silu")
    scaling = try LatentScaling(&reader, channels: latentChannels)
    if isQuantized {
      normalization = try reader.choice("norm_type", default: .group)
      projectsLatents = true
      let codes = try reader.integer("num_vq_embeddings", in: 1...1_048_576, default: 256)
      let width = try reader.optionalInteger("vq_embed_dim", in: Self.lengths) ?? latentChannels
      guard normalization == .group || width == latentChannels else {
        throw reader.wrong("vq_embed_dim", expected: "\(latentChannels), as latent_channels, where norm_type is \"spatial\"")
      }
      codebook = (codes, width)
    } else {
      normalization = .group
      projectsLatents = try reader.bool("use_post_quant_conv", default: true)
      codebook = nil
    }
  }
}
