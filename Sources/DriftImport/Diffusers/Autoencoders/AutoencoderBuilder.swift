import DriftGraph

/// Builds the decoder of diffusers' `AutoencoderKL` and `VQModel`: the graph's sample is the denoiser's latent, its output the picture.
struct AutoencoderBuilder {
  /// A value on its way through the network.
  typealias Value = GraphBuilder.Value

  let configuration: AutoencoderConfiguration
  var base: GraphBuilder
  /// What spatial normalization reads.
  private var latent = Value(node: NodeID(0), channels: 0)

  /// Epsilon of every normalization of decoders.
  private static let epsilon: Float = 1e-6

  /// - Parameter latent: shape of the denoiser's sample.
  static func graph(
    _ configuration: AutoencoderConfiguration, _ source: any TensorSource, latent: Shape
  ) throws(ImportError) -> Graph {
    var builder = AutoencoderBuilder(
      configuration: configuration, base: GraphBuilder(source, architecture: configuration.path))
    builder.base.ignore { $0.hasPrefix("encoder.") || $0.hasPrefix("quant_conv.") }
    try builder.build(latent)
    return try builder.base.finished()
  }

  private init(configuration: AutoencoderConfiguration, base: GraphBuilder) {
    self.configuration = configuration
    self.base = base
  }

  private mutating func build(_ shape: Shape) throws(ImportError) {
    let channels = configuration.blockChannels
    var x = try base.latents(shape, channels: configuration.inputChannels, configuration.scaling)
    if let (codes, width) = configuration.codebook {
      let table = try base.tensor("quantize.embedding.weight", shape: [codes, width])
      x.node = try base.append(.nearestCode(table: table), [x.node], "quantize")
    }
    latent = x
    if configuration.projectsLatents {
      x = try base.convolution(x, "post_quant_conv", outputs: configuration.latentChannels, kernel: 1, padding: 0)
    }
    x = try base.convolution(x, "decoder.conv_in", outputs: channels[channels.count - 1])
    x = try resnet(x, "decoder.mid_block.resnets.0", outputs: x.channels)
    if configuration.midBlockAttention { x = try attention(x, "decoder.mid_block.attentions.0") }
    x = try resnet(x, "decoder.mid_block.resnets.1", outputs: x.channels)
    for (index, outputs) in channels.reversed().enumerated() {
      let name = "decoder.up_blocks.\(index)"
      for layer in 0...configuration.layersPerBlock {
        x = try resnet(x, "\(name).resnets.\(layer)", outputs: outputs)
        if configuration.blockAttention[index] { x = try attention(x, "\(name).attentions.\(layer)") }
      }
      if index + 1 < channels.count {
        x.node = try base.append(.upsampleNearest, [x.node], "\(name).upsamplers.0.upsample")
        x = try base.convolution(x, "\(name).upsamplers.0.conv", outputs: outputs)
      }
    }
    x = try normalization(x, "decoder.conv_norm_out")
    // SiLU whatever act_fn says.
    x = try base.activation(x, .silu, "decoder.conv_act")
    _ = try base.convolution(x, "decoder.conv_out", outputs: configuration.outputChannels)
  }

  private mutating func resnet(_ x: Value, _ name: String, outputs: Int) throws(ImportError) -> Value {
    var hidden = try normalization(x, "\(name).norm1")
    hidden = try base.activation(hidden, configuration.activation, "\(name).activation1")
    hidden = try base.convolution(hidden, "\(name).conv1", outputs: outputs)
    hidden = try normalization(hidden, "\(name).norm2")
    hidden = try base.activation(hidden, configuration.activation, "\(name).activation2")
    hidden = try base.convolution(hidden, "\(name).conv2", outputs: outputs)
    guard x.channels != outputs else { return try base.add(x, hidden, "\(name).add") }
    let shortcut = try base.convolution(x, "\(name).conv_shortcut", outputs: outputs, kernel: 1, padding: 0)
    return try base.add(shortcut, hidden, "\(name).add")
  }

  /// Attention of one head.
  private mutating func attention(_ x: Value, _ name: String) throws(ImportError) -> Value {
    let key = configuration.normalization == .spatial ? "spatial_norm" : "group_norm"
    let hidden = try normalization(x, "\(name).\(key)")
    let mixed = try base.attention(hidden, over: hidden, name, heads: 1, headChannels: x.channels, bias: true)
    return try base.add(x, mixed, "\(name).add")
  }

  private mutating func normalization(_ x: Value, _ name: String) throws(ImportError) -> Value {
    guard configuration.normalization == .spatial else {
      return try base.groupNormalization(x, name, groups: configuration.groups, epsilon: Self.epsilon)
    }
    // diffusers' SpatialNorm has 32 groups whatever norm_num_groups says.
    let normalized = try base.groupNormalization(x, "\(name).norm_layer", groups: 32, epsilon: Self.epsilon)
    let shape = base.shape(x.node)
    var local = latent
    if base.shape(latent.node).pixels != shape.pixels {
      let resize = Resize(.nearest, height: shape.height, width: shape.width)
      local.node = try base.append(.resize(resize), [latent.node], "\(name).resize")
    }
    let factor = try base.convolution(local, "\(name).conv_y", outputs: x.channels, kernel: 1, padding: 0)
    let shift = try base.convolution(local, "\(name).conv_b", outputs: x.channels, kernel: 1, padding: 0)
    let scaled = try base.append(.multiply, [normalized.node, factor.node], "\(name).multiply")
    return try base.add(Value(node: scaled, channels: x.channels), shift, "\(name).add")
  }
}
