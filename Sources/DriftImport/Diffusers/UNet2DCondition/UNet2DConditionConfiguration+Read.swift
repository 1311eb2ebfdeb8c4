import DriftGraph

extension UNet2DConditionConfiguration {
  /// Bounds far above any model, so that products of them stay in range.
  static let lengths = 1...65_536

  /// Reads and checks `config.json`.
  /// - Throws: an error that names the key and its value for everything that cannot be converted.
  init(file path: String) throws(ImportError) {
    var reader = try ConfigReader(file: path)
    try self.init(&reader)
    // Casts to float32 in front of the softmax; everything is float32 here.
    reader.ignore("dropout", "upcast_attention")
    reader.ignoreAverageOfWeights()
    try reader.refuseOthers(in: "UNet2DConditionModel's options")
  }

  private init(_ reader: inout ConfigReader) throws(ImportError) {
    path = reader.path
    try Self.refuseUnsupported(&reader)
    sampleSize = try reader.sampleSize()
    inputChannels = try reader.integer("in_channels", in: Self.lengths, default: 4)
    outputChannels = try reader.integer("out_channels", in: Self.lengths, default: 4)
    centersInput = try reader.bool("center_input_sample", default: false)

    blockChannels = try reader.optionalIntegers("block_out_channels", in: Self.lengths) ?? [320, 640, 1280, 1280]
    let levels = blockChannels.count
    guard let firstChannels = blockChannels.first, levels <= 16 else {
      throw reader.wrong("block_out_channels", expected: "a list of 1 to 16 integers")
    }
    timeEmbedding = try reader.choice("time_embedding_type", default: .positional)
    timeEmbeddingDimension =
      try reader.optionalInteger("time_embedding_dim", in: Self.lengths) ?? (timeEmbedding == .fourier ? 2 : 4) * firstChannels
    frequencyShift = Float(try reader.number("freq_shift", default: 0))
    cosineFirst = try reader.bool("flip_sin_to_cos", default: true)
    switch timeEmbedding {
    case .fourier:
      guard timeEmbeddingDimension % 2 == 0 else {
        throw reader.wrong("time_embedding_dim", expected: "an even number where time_embedding_type is \"fourier\"")
      }
    case .positional:
      guard firstChannels >= 2 else {
        throw reader.wrong("block_out_channels", expected: "at least 2 in front: the time embedding has as many values")
      }
      guard Float(firstChannels / 2) > frequencyShift else {
        throw reader.wrong("freq_shift", expected: "less than half of block_out_channels' first value, \(firstChannels)")
      }
    }
    timePostActivation = try reader.optionalActivation("timestep_post_act")
    timeActivation = try reader.optionalActivation("time_embedding_act_fn")
    timeConditionWidth = try reader.optionalInteger("time_cond_proj_dim", in: Self.lengths)

    downBlocks = try Self.blocks(
      &reader, "down_block_types", "Down", levels,
      default: Array(repeating: "CrossAttnDownBlock2D", count: 3) + ["DownBlock2D"])
    upBlocks = try Self.blocks(
      &reader, "up_block_types", "Up", levels, default: ["UpBlock2D"] + Array(repeating: "CrossAttnUpBlock2D", count: 3))
    midAttention = try Self.midAttention(&reader)
    layersPerBlock = try reader.integers("layers_per_block", levels: levels, in: 1...32, default: 2)
    let repeats = try Self.transformerLayers(&reader, levels)
    (downTransformerLayers, upTransformerLayers) = (repeats.down, repeats.up)
    projectsLinearly = try reader.bool("use_linear_projection", default: false)
    heads = try reader.integers("attention_head_dim", levels: levels, in: Self.lengths, default: 8)
    onlyContext = try reader.bools("only_cross_attention", levels: levels, default: false)
    if let (_, isList) = reader.optionalElements("only_cross_attention"), isList {
      midOnlyContext = false
    } else {
      midOnlyContext = onlyContext[0]
    }
    if reader.optionalElements("mid_block_only_cross_attention") != nil {
      midOnlyContext = try reader.bool("mid_block_only_cross_attention", default: false)
    }

    let widths = try reader.integers("cross_attention_dim", levels: levels, in: Self.lengths, default: 1280)
    crossWidth = widths[0]
    guard widths.allSatisfy({ $0 == widths[0] }) else {
      throw reader.wrong("cross_attention_dim", expected: "the same width for all levels: they read the same context")
    }
    let hiddenWidth = try reader.optionalInteger("encoder_hid_dim", in: Self.lengths)
    let projection = try reader.optionalString("encoder_hid_dim_type")
    guard projection == nil || (projection == "text_proj" && hiddenWidth != nil) else {
      throw reader.wrong("encoder_hid_dim_type", expected: "null, or \"text_proj\" together with encoder_hid_dim")
    }
    (contextWidth, projectsContext) = (hiddenWidth ?? widths[0], hiddenWidth != nil)
    contextNormalization =
      try reader.optionalString("cross_attention_norm") == nil ? nil : try reader.choice("cross_attention_norm")

    labelCount = try reader.optionalInteger("num_class_embeds", in: Self.lengths)
    let inputs = try reader.optionalInteger("projection_class_embeddings_input_dim", in: 1...1_048_576)
    classEmbedding = try Self.classEmbedding(&reader, labelCount, inputs)
    joinsClass = try reader.bool("class_embeddings_concat", default: false)
    guard !joinsClass || classEmbedding != nil else {
      throw reader.wrong("class_embeddings_concat", expected: "false where there is no class embedding")
    }
    addition = try Self.addition(&reader, inputs, frequencyShift, contextWidth)
    guard addition == nil || !joinsClass else {
      throw reader.wrong("addition_embed_type", expected: "null where class_embeddings_concat is true")
    }

    midBlockScale = try Self.divisor(&reader, "mid_block_scale_factor")
    resnetScale = try Self.divisor(&reader, "resnet_out_scale_factor")
    skipsTimeActivation = try reader.bool("resnet_skip_time_act", default: false)
    modulation = try reader.choice("resnet_time_scale_shift", default: .shift)
    downsamplePadding = try reader.integer("downsample_padding", in: 0...16, default: 1)
    activation = try reader.activation("act_fn", default: "silu")
    groups = try reader.integer("norm_num_groups", in: Self.lengths, default: 32)
    epsilon = Float(try reader.number("norm_eps", default: 1e-5))
    guard epsilon.isFinite, epsilon >= 0 else { throw reader.wrong("norm_eps", expected: "a number from 0") }
    inputKernel = try reader.integer("conv_in_kernel", in: 1...63, default: 3)
    outputKernel = try reader.integer("conv_out_kernel", in: 1...63, default: 3)
    for (key, kernel) in [("conv_in_kernel", inputKernel), ("conv_out_kernel", outputKernel)] where kernel % 2 == 0 {
      throw reader.wrong(key, expected: "an odd number: an even kernel changes the picture's size")
    }
  }

  /// Options that only one value of can be converted.
  private static func refuseUnsupported(_ reader: inout ConfigReader) throws(ImportError) {
    guard try reader.string("_class_name") == "UNet2DConditionModel" else {
      throw reader.wrong("_class_name", expected: "\"UNet2DConditionModel\"")
    }
    guard try !reader.bool("dual_cross_attention", default: false) else {
      throw reader.wrong("dual_cross_attention", expected: "false: two contexts cannot be converted")
    }
    guard try reader.string("attention_type", default: "default") == "default" else {
      throw reader.wrong("attention_type", expected: "\"default\": gated attention (GLIGEN) cannot be converted")
    }
    guard try reader.optionalInteger("num_attention_heads", in: lengths) == nil else {
      throw reader.wrong("num_attention_heads", expected: "null, as in diffusers: the heads are given by attention_head_dim")
    }
  }
}
