import DriftGraph

extension TransformerConfiguration {
  /// Bounds far above any model, so that products of them stay in range.
  private static let lengths = 1...65_536

  /// Reads and checks `config.json`.
  /// - Throws: an error that names the key and its value for everything that cannot be converted.
  init(file path: String, _ model: DiffusersModel) throws(ImportError) {
    var reader = try ConfigReader(file: path)
    try self.init(&reader, model)
    // Casts to float32 in front of the softmax; everything is float32 here.
    reader.ignore("dropout", "upcast_attention")
    reader.ignoreAverageOfWeights()
    try reader.refuseOthers(in: "\(model.rawValue)'s options")
  }

  private init(_ reader: inout ConfigReader, _ model: DiffusersModel) throws(ImportError) {
    path = reader.path
    self.model = model
    let isAny = model == .transformer2D, isPixArt = model == .pixArt
    try Self.refuseUnsupported(&reader)

    sampleSize = try reader.sampleSize()
    let configured = sampleSize
    if !isAny, sampleSize == nil, !reader.has("sample_size") { sampleSize = isPixArt ? (128, 128) : (32, 32) }
    channels = try reader.integer("in_channels", in: Self.lengths, default: isAny ? nil : 4)
    let answered = isPixArt && !reader.has("out_channels") ? 8 : channels
    outputChannels = try reader.optionalInteger("out_channels", in: Self.lengths) ?? answered
    patchSize = try reader.optionalInteger("patch_size", in: 1...256) ?? (isAny ? nil : 2)
    guard outputChannels == channels || (outputChannels == 2 * channels && patchSize != nil) else {
      throw reader.wrong(
        "out_channels",
        expected: "\(channels), as in_channels" + (patchSize == nil ? "" : ", or twice as many for learned variances"))
    }
    heads = try reader.integer("num_attention_heads", in: Self.lengths, default: 16)
    headChannels = try reader.integer("attention_head_dim", in: Self.lengths, default: isAny ? 88 : 72)
    guard heads * headChannels <= 1_048_576 else {
      throw reader.wrong("num_attention_heads", expected: "at most 1048576 channels of all heads together")
    }
    layers = try reader.integer("num_layers", in: 1...1024, default: isAny ? 1 : 28)
    embeddings = try reader.optionalInteger("num_embeds_ada_norm", in: Self.lengths)
    if !isAny, !reader.has("num_embeds_ada_norm") { embeddings = 1000 }
    normalization = try reader.choice("norm_type", default: isAny ? .layer : isPixArt ? .single : .zero)
    // Configurations from before norm_type had a name for it.
    if isAny, normalization == .layer, embeddings != nil { normalization = .table }
    isAffine = try reader.bool("norm_elementwise_affine", default: isAny)
    epsilon = Float(try reader.number("norm_eps", default: isPixArt ? 1e-6 : 1e-5))
    guard epsilon.isFinite, epsilon >= 0 else { throw reader.wrong("norm_eps", expected: "a number from 0") }
    groups = try reader.integer("norm_num_groups", in: Self.lengths, default: 32)
    attentionBias = try reader.bool("attention_bias", default: !isAny)
    crossChannels = try reader.optionalInteger("cross_attention_dim", in: Self.lengths)
    if isPixArt, !reader.has("cross_attention_dim") { crossChannels = 1152 }
    captionChannels = try reader.optionalInteger("caption_channels", in: Self.lengths)
    onlyContext = try reader.bool("only_cross_attention", default: false)
    projectsLinearly = try reader.bool("use_linear_projection", default: false)
    feedForward = try Self.feedForward(&reader, default: isAny ? "geglu" : "gelu-approximate")
    let scale = Float(try reader.optionalNumber("interpolation_scale") ?? 0)
    interpolation = scale == 0 ? 1 : scale
    guard interpolation.isFinite, interpolation > 0 else {
      throw reader.wrong("interpolation_scale", expected: "a number above 0 or null")
    }
    if scale == 0, model != .dit, let size = sampleSize { interpolation = Float(max(size.height / 64, 1)) }
    try check(&reader, sample: configured ?? sampleSize)
  }

  /// What only goes together in some ways.
  private func check(_ reader: inout ConfigReader, sample: (height: Int, width: Int)?) throws(ImportError) {
    switch (model, normalization) {
    case (.dit, .zero), (.pixArt, .single), (.transformer2D, _): break
    default: throw reader.wrong("norm_type", expected: model == .dit ? "\"ada_norm_zero\"" : "\"ada_norm_single\"")
    }
    guard [.layer, .single].contains(normalization) || embeddings != nil else {
      throw reader.wrong("num_embeds_ada_norm", expected: "a number where norm_type is \"\(normalization.rawValue)\"")
    }
    if let patchSize {
      guard [.zero, .single].contains(normalization) else {
        throw reader.wrong("norm_type", expected: "\"ada_norm_zero\" or \"ada_norm_single\" where there is a patch_size")
      }
      guard let sample, sample.height == sample.width, sample.height % patchSize == 0 else {
        throw reader.wrong("sample_size", expected: "a multiple of patch_size, \(patchSize)")
      }
      guard inner % 4 == 0 else {
        throw reader.wrong("attention_head_dim", expected: "heads whose channels together divide by 4, for positions")
      }
    } else {
      guard normalization != .single else {
        throw reader.wrong("norm_type", expected: "another where there is no patch_size, as in diffusers")
      }
    }
    guard crossChannels != nil || !onlyContext else {
      throw reader.wrong("only_cross_attention", expected: "false where there is no cross_attention_dim")
    }
    guard captionChannels == nil || (patchSize != nil && (crossChannels ?? inner) == inner) else {
      throw reader.wrong("caption_channels", expected: "null unless there are patches and cross_attention_dim is \(inner)")
    }
    // Left out, it means true for the one size of PixArt that reads sizes and aspect ratios.
    let implied = normalization == .single && sample?.height == 128
    let isTold = !reader.isNull("use_additional_conditions")
    guard try isTold ? !reader.bool("use_additional_conditions", default: false) : !implied else {
      throw reader.wrong(
        "use_additional_conditions", expected: "false: conditions on resolution and aspect ratio cannot be converted")
    }
  }

  /// Options that only one value of can be converted.
  private static func refuseUnsupported(_ reader: inout ConfigReader) throws(ImportError) {
    guard reader.isNull("num_vector_embeds") else {
      throw reader.wrong("num_vector_embeds", expected: "null: models of discrete codes (VQ-Diffusion) cannot be converted")
    }
    guard try !reader.bool("double_self_attention", default: false) else {
      throw reader.wrong("double_self_attention", expected: "false")
    }
    guard try reader.string("attention_type", default: "default") == "default" else {
      throw reader.wrong("attention_type", expected: "\"default\": gated attention (GLIGEN) cannot be converted")
    }
  }

  private static func feedForward(_ reader: inout ConfigReader, default fallback: String) throws(ImportError) -> FeedForward {
    switch try reader.string("activation_fn", default: fallback) {
    case "gelu": return .plain(.gelu)
    case "gelu-approximate": return .plain(.geluTanh)
    case "geglu-approximate": return .plain(.quickGelu)
    case "geglu": return .gated
    default:
      throw reader.wrong("activation_fn", expected: "\"gelu\", \"gelu-approximate\", \"geglu\" or \"geglu-approximate\"")
    }
  }
}
