import DriftGraph

/// What `config.json` says about the decoder of diffusers' `AutoencoderTiny`, checked and with diffusers' defaults filled in.
struct AutoencoderTinyConfiguration {
  var path: String
  var outputChannels: Int
  var latentChannels: Int
  /// Channels of each level, from the latent outwards.
  var blockChannels: [Int]
  /// Blocks of each level.
  var blockCounts: [Int]
  var activation: Activation
  /// How much each level enlarges the picture, and how.
  var enlargement: (method: Resize.Method, factor: Int)
  /// From the denoiser's latents to the decoder's.
  var scaling: LatentScaling

  /// Reads and checks `config.json`.
  /// - Throws: an error that names the key and its value for everything that cannot be converted.
  init(file path: String) throws(ImportError) {
    var reader = try ConfigReader(file: path)
    try self.init(&reader)
    reader.ignore(
      "in_channels", "encoder_block_out_channels", "num_encoder_blocks", "latent_magnitude", "latent_shift", "force_upcast",
      "block_out_channels")
    reader.ignoreAverageOfWeights()
    try reader.refuseOthers(in: "AutoencoderTiny's options")
  }

  private init(_ reader: inout ConfigReader) throws(ImportError) {
    let lengths = 1...65_536
    path = reader.path
    guard try reader.string("_class_name") == "AutoencoderTiny" else {
      throw reader.wrong("_class_name", expected: "\"AutoencoderTiny\"")
    }
    outputChannels = try reader.integer("out_channels", in: lengths, default: 3)
    latentChannels = try reader.integer("latent_channels", in: lengths, default: 4)
    blockChannels = try reader.optionalIntegers("decoder_block_out_channels", in: lengths) ?? [64, 64, 64, 64]
    blockCounts = try reader.optionalIntegers("num_decoder_blocks", in: 0...64) ?? [3, 3, 3, 1]
    guard (1...16).contains(blockChannels.count) else {
      throw reader.wrong("decoder_block_out_channels", expected: "a list of 1 to 16 integers")
    }
    guard blockCounts.count == blockChannels.count else {
      throw reader.wrong(
        "num_decoder_blocks", expected: "\(blockChannels.count) numbers, as many as decoder_block_out_channels has")
    }
    activation = try reader.activation("act_fn", default: "relu")
    let factor = try reader.integer("upsampling_scaling_factor", in: 1...16, default: 2)
    switch try reader.string("upsample_fn", default: "nearest") {
    case "nearest": enlargement = (.nearest, factor)
    case "bilinear": enlargement = (.bilinear, factor)
    default: throw reader.wrong("upsample_fn", expected: "\"nearest\" or \"bilinear\"")
    }
    scaling = try LatentScaling(&reader, channels: latentChannels, factor: 1)
  }
}
