import DriftGraph

extension UNet1DConfiguration {
  /// Bounds far above any model, so that products of them stay in range.
  private static let lengths = 1...65_536

  /// Reads and checks `config.json`.
  /// - Throws: an error that names the key and its value for everything that cannot be converted.
  init(file path: String) throws(ImportError) {
    var reader = try ConfigReader(file: path)
    try self.init(&reader)
    // Samples in a second, which nothing here depends on.
    reader.ignore("sample_rate")
    reader.ignoreAverageOfWeights()
    try reader.refuseOthers(in: "UNet1DModel's options")
  }

  private init(_ reader: inout ConfigReader) throws(ImportError) {
    path = reader.path
    guard try reader.string("_class_name") == "UNet1DModel" else { throw reader.wrong("_class_name", expected: "\"UNet1DModel\"") }
    let length = try reader.optionalInteger("sample_size", in: 1...1_048_576)
    self.length = length ?? (reader.has("sample_size") ? nil : 65_536)
    inputChannels = try reader.integer("in_channels", in: Self.lengths, default: 2)
    outputChannels = try reader.integer("out_channels", in: Self.lengths, default: 2)
    guard outputChannels == inputChannels else {
      throw reader.wrong("out_channels", expected: "\(inputChannels), as many as in_channels")
    }
    blockChannels = try reader.optionalIntegers("block_out_channels", in: Self.lengths) ?? [32, 32, 64]
    guard let firstChannels = blockChannels.first, let lastChannels = blockChannels.last, blockChannels.count <= 32 else {
      throw reader.wrong("block_out_channels", expected: "a list of 1 to 32 integers")
    }
    layersPerBlock = try reader.integer("layers_per_block", in: 1...32, default: 1)
    downsamplesLastBlock = try reader.bool("downsample_each_block", default: false)

    timeEmbedding = try reader.choice("time_embedding_type", default: .fourier)
    let dimension = try reader.optionalInteger("time_embedding_dim", in: Self.lengths) ?? 2 * firstChannels
    timeWidth = timeEmbedding == .fourier ? dimension : firstChannels
    frequencyShift = Float(try reader.number("freq_shift", default: 0))
    cosineFirst = try reader.bool("flip_sin_to_cos", default: true)
    guard timeEmbedding == .positional || dimension % 2 == 0 else {
      throw reader.wrong("time_embedding_dim", expected: "an even number where time_embedding_type is \"fourier\"")
    }
    guard timeEmbedding == .fourier || Float(firstChannels / 2) > max(frequencyShift, 0) else {
      throw reader.wrong("freq_shift", expected: "less than half of block_out_channels' first value, \(firstChannels)")
    }
    let activation = try reader.optionalActivation("act_fn")
    timeActivation = nil
    if try reader.bool("use_timestep_embedding", default: false) {
      guard let activation else { throw reader.wrong("act_fn", expected: "an activation where use_timestep_embedding is true") }
      timeActivation = activation
    }

    downBlocks = try Self.blocks(
      &reader, "down_block_types", "Down", default: ["DownBlock1DNoSkip", "DownBlock1D", "AttnDownBlock1D"])
    upBlocks = try Self.blocks(&reader, "up_block_types", "Up", default: ["AttnUpBlock1D", "UpBlock1D", "UpBlock1DNoSkip"])
    middle = try Self.middle(&reader, isHalved: downsamplesLastBlock)
    ending = try Self.ending(&reader, activation)
    try checkBlocks(&reader, lastChannels)
  }

  /// What the blocks demand of each other.
  private func checkBlocks(_ reader: inout ConfigReader, _ lastChannels: Int) throws(ImportError) {
    let extra = try reader.integer("extra_in_channels", in: 0...65_536, default: 0)
    guard downBlocks.count == blockChannels.count else {
      throw reader.wrong("down_block_types", expected: "\(blockChannels.count) blocks, as many as block_out_channels has values")
    }
    guard upBlocks.count <= downBlocks.count, !upBlocks.isEmpty else {
      throw reader.wrong("up_block_types", expected: "1 to \(downBlocks.count) blocks, no more than there are down blocks")
    }
    guard !downBlocks.dropFirst().contains(.outer) else {
      throw reader.wrong("down_block_types", expected: "DownBlock1DNoSkip in front alone")
    }
    let joined = downBlocks[0] == .outer ? timeWidth : 0
    guard extra == joined else {
      throw reader.wrong("extra_in_channels", expected: "\(joined), as many as the first block joins to the sample")
    }
    var isTemporal = downBlocks.contains(.temporal) || upBlocks.contains(.temporal)
    if case .temporal = middle { isTemporal = true }
    guard !isTemporal || timeActivation != nil else {
      throw reader.wrong("use_timestep_embedding", expected: "true where blocks project the time embedding")
    }
    guard timeActivation == nil || downBlocks[0] != .outer else {
      throw reader.wrong("use_timestep_embedding", expected: "false where the first block is DownBlock1DNoSkip")
    }
  }

  private static func blocks(
    _ reader: inout ConfigReader, _ key: String, _ direction: String, default fallback: [String]
  ) throws(ImportError) -> [Block] {
    var blocks: [Block] = []
    for name in reader.has(key) ? try reader.strings(key) : fallback {
      switch name {
      case "\(direction)Block1DNoSkip": blocks.append(.outer)
      case "\(direction)Block1D": blocks.append(.convolutions(attention: false))
      case "Attn\(direction)Block1D": blocks.append(.convolutions(attention: true))
      case "\(direction)ResnetBlock1D": blocks.append(.temporal)
      default:
        throw ImportError(
          reader.path,
          "'\(key)' names the block \"\(name)\"; \"\(direction)Block1DNoSkip\", \"\(direction)Block1D\", \"Attn\(direction)Block1D\" and \"\(direction)ResnetBlock1D\" can be converted"
        )
      }
    }
    return blocks
  }

  private static func middle(_ reader: inout ConfigReader, isHalved: Bool) throws(ImportError) -> Middle {
    switch try reader.string("mid_block_type", default: "UNetMidBlock1D") {
    case "UNetMidBlock1D": return .convolutions
    case "MidResTemporalBlock1D": return .temporal(isHalved: isHalved)
    default:
      throw reader.wrong(
        "mid_block_type",
        expected: "\"UNetMidBlock1D\" or \"MidResTemporalBlock1D\" (a value function answers no sample, so that it is no denoiser)")
    }
  }

  private static func ending(_ reader: inout ConfigReader, _ activation: Activation?) throws(ImportError) -> Ending? {
    let groups = try reader.integer("norm_num_groups", in: lengths, default: 8)
    switch try reader.optionalString("out_block_type") {
    case nil: return nil
    case "OutConv1DBlock":
      guard let activation else {
        throw reader.wrong("act_fn", expected: "an activation where out_block_type is \"OutConv1DBlock\"")
      }
      return Ending(groups: groups, activation: activation)
    default:
      throw reader.wrong(
        "out_block_type", expected: "\"OutConv1DBlock\" or null (a value function answers no sample, so that it is no denoiser)")
    }
  }
}
