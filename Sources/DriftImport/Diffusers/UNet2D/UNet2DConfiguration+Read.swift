import DriftGraph

extension UNet2DConfiguration {
  /// Bounds far above any model, so that products of them stay in range.
  private static let lengths = 1...65_536

  /// Reads and checks `config.json`.
  /// - Throws: an error that names the key and its value for everything that cannot be converted.
  init(file path: String) throws(ImportError) {
    var reader = try ConfigReader(file: path)
    try self.init(&reader)
    reader.ignore("dropout", "num_train_timesteps")
    reader.ignoreAverageOfWeights()
    try reader.refuseOthers(in: "UNet2DModel's options")
  }

  private init(_ reader: inout ConfigReader) throws(ImportError) {
    path = reader.path
    guard try reader.string("_class_name") == "UNet2DModel" else { throw reader.wrong("_class_name", expected: "\"UNet2DModel\"") }

    sampleSize = try reader.sampleSize()
    channels = try reader.integer("in_channels", in: Self.lengths, default: 3)
    guard try reader.integer("out_channels", in: Self.lengths, default: 3) == channels else {
      throw reader.wrong("out_channels", expected: "\(channels), as many as in_channels (learned variances cannot be converted)")
    }
    centersInput = try reader.bool("center_input_sample", default: false)

    blockChannels = try reader.optionalIntegers("block_out_channels", in: Self.lengths) ?? [224, 448, 672, 896]
    guard let firstChannels = blockChannels.first, blockChannels.count <= 16 else {
      throw reader.wrong("block_out_channels", expected: "a list of 1 to 16 integers")
    }
    timeEmbedding = try reader.choice("time_embedding_type", default: .positional)
    timeEmbeddingDimension = try reader.optionalInteger("time_embedding_dim", in: 0...65_536) ?? 0
    if timeEmbeddingDimension == 0 { timeEmbeddingDimension = 4 * firstChannels }
    frequencyShift = Float(try reader.number("freq_shift", default: 0))
    cosineFirst = try reader.bool("flip_sin_to_cos", default: true)
    if timeEmbedding == .positional {
      guard firstChannels >= 2 else {
        throw reader.wrong("block_out_channels", expected: "at least 2 in front: the time embedding has as many values")
      }
      guard Float(firstChannels / 2) > frequencyShift else {
        throw reader.wrong("freq_shift", expected: "less than half of block_out_channels' first value, \(firstChannels)")
      }
    }

    layersPerBlock = try reader.integer("layers_per_block", in: 1...1024, default: 2)
    let downsample: Sampling =
      try reader.optionalString("downsample_type") == nil ? .convolution : try reader.choice("downsample_type")
    let upsample: Sampling = try reader.optionalString("upsample_type") == nil ? .convolution : try reader.choice("upsample_type")
    downBlocks = try Self.blocks(
      &reader, "down_block_types", "Down", downsample, default: ["DownBlock2D"] + Array(repeating: "AttnDownBlock2D", count: 3))
    upBlocks = try Self.blocks(
      &reader, "up_block_types", "Up", upsample, default: Array(repeating: "AttnUpBlock2D", count: 3) + ["UpBlock2D"])
    for (key, blocks) in [("down_block_types", downBlocks), ("up_block_types", upBlocks)] where blocks.count != blockChannels.count
    {
      throw reader.wrong(key, expected: "\(blockChannels.count) blocks, as many as block_out_channels has values")
    }
    if reader.has("mid_block_type") {
      let name = try reader.optionalString("mid_block_type")
      guard name == nil || name == "UNetMidBlock2D" else {
        throw reader.wrong("mid_block_type", expected: "\"UNetMidBlock2D\" or null")
      }
      hasMidBlock = name != nil
    } else {
      hasMidBlock = true
    }
    midBlockScale = Float(try reader.number("mid_block_scale_factor", default: 1))
    guard midBlockScale.isFinite, midBlockScale != 0 else {
      throw reader.wrong("mid_block_scale_factor", expected: "a number other than 0")
    }
    midBlockAttention = try reader.bool("add_attention", default: true)
    downsamplePadding = try reader.integer("downsample_padding", in: 0...16, default: 1)

    activation = try reader.activation("act_fn", default: "silu")
    headChannels = reader.has("attention_head_dim") ? try reader.optionalInteger("attention_head_dim", in: Self.lengths) : 8
    groups = try reader.integer("norm_num_groups", in: Self.lengths, default: 32)
    attentionGroups = try reader.optionalInteger("attn_norm_num_groups", in: Self.lengths)
    epsilon = Float(try reader.number("norm_eps", default: 1e-5))
    guard epsilon.isFinite, epsilon >= 0 else { throw reader.wrong("norm_eps", expected: "a number from 0") }
    modulation = try reader.choice("resnet_time_scale_shift", default: .shift)

    labelCount = try reader.optionalInteger("num_class_embeds", in: Self.lengths)
    switch try reader.optionalString("class_embed_type") {
    case nil: classEmbedding = labelCount.map { .table($0) }
    case "timestep": classEmbedding = .timestep
    case "identity": classEmbedding = .identity
    default: throw reader.wrong("class_embed_type", expected: "\"timestep\", \"identity\" or null")
    }
  }

  private enum Sampling: String, CaseIterable {
    case convolution = "conv"
    case resnet
  }

  /// - Parameter sampling: what blocks with attention use; the other kinds of block have it in their name, as diffusers reads them.
  private static func blocks(
    _ reader: inout ConfigReader, _ key: String, _ direction: String, _ sampling: Sampling, default fallback: [String]
  ) throws(ImportError) -> [Block] {
    let names = reader.has(key) ? try reader.strings(key) : fallback
    var blocks: [Block] = []
    for name in names {
      // Early versions of diffusers wrote the same blocks with a prefix.
      switch name.hasPrefix("UNetRes") ? String(name.dropFirst(7)) : name {
      case "\(direction)Block2D": blocks.append(Block(attention: false, resnetSampling: false))
      case "Attn\(direction)Block2D": blocks.append(Block(attention: true, resnetSampling: sampling == .resnet))
      case "Resnet\(direction)sampleBlock2D": blocks.append(Block(attention: false, resnetSampling: true))
      default:
        throw ImportError(
          reader.path,
          "'\(key)' names the block \"\(name)\"; \"\(direction)Block2D\", \"Attn\(direction)Block2D\" and \"Resnet\(direction)sampleBlock2D\" can be converted"
        )
      }
    }
    return blocks
  }
}
