import DriftGraph

extension UNet2DConditionBuilder {
  /// The whole network, in the order in which diffusers evaluates it.
  mutating func build(_ sampleShape: Shape) throws(ImportError) {
    let channels = configuration.blockChannels
    let shape = Shape(channels: configuration.inputChannels, height: sampleShape.height, width: sampleShape.width)
    var x = Value(node: try base.append(.sample, [], "sample", shape: sampleShape), channels: sampleShape.channels)
    if shape.channels > sampleShape.channels {
      let others = Shape(channels: shape.channels - sampleShape.channels, height: shape.height, width: shape.width)
      x = try base.concatenate(x, try input("image", others), "sample.concatenate")
    }
    try buildConditions()
    if configuration.centersInput { x = try base.centered(x) }
    let kernels = (configuration.inputKernel, configuration.outputKernel)
    x = try base.convolution(x, "conv_in", outputs: channels[0], kernel: kernels.0, padding: kernels.0 / 2)
    x = try upBlocks(try downBlocks(x))
    x = try base.groupNormalization(x, "conv_norm_out", groups: configuration.groups, epsilon: configuration.epsilon)
    x = try base.activation(x, configuration.activation, "conv_act")
    x = try base.convolution(x, "conv_out", outputs: configuration.outputChannels, kernel: kernels.1, padding: kernels.1 / 2)
    if x.channels > sampleShape.channels {
      // The others are variances, which samplers do not use.
      _ = try base.append(.channelSlice(first: 0, count: sampleShape.channels), [x.node], "conv_out.sample")
    }
  }

  /// An input by its name.
  mutating func input(_ name: String, _ shape: Shape) throws(ImportError) -> Value {
    Value(node: try base.append(.input(name), [], name, shape: shape), channels: shape.channels)
  }

  /// All levels on the way down; the last of the results goes on, all of them are joined in on the way up.
  private mutating func downBlocks(_ x: Value) throws(ImportError) -> [Value] {
    let channels = configuration.blockChannels
    var results = [x]
    var x = x
    for (level, block) in configuration.downBlocks.enumerated() {
      let name = "down_blocks.\(level)"
      for layer in 0..<configuration.layersPerBlock[level] {
        x = try resnet(x, "\(name).resnets.\(layer)", outputs: channels[level], block)
        x = try attention(
          x, "\(name).attentions.\(layer)", block.attention,
          AttentionChoice(
            heads: configuration.heads[level], headChannels: configuration.heads[level],
            layers: configuration.downTransformerLayers[level][layer], onlyContext: configuration.onlyContext[level],
            key: "transformer_layers_per_block"))
        results.append(x)
      }
      if level + 1 < channels.count {
        x = try downsample(x, "\(name).downsamplers.0", block)
        results.append(x)
      }
    }
    return results
  }

  /// The middle block and all levels on the way up.
  private mutating func upBlocks(_ results: [Value]) throws(ImportError) -> Value {
    let channels = configuration.blockChannels
    var skips = results
    var x = try midBlock(results[results.count - 1])
    for (index, block) in configuration.upBlocks.enumerated() {
      let (name, level) = ("up_blocks.\(index)", channels.count - 1 - index)
      for layer in 0...configuration.layersPerBlock[level] {
        x = try base.concatenate(x, skips.removeLast(), "\(name).resnets.\(layer).concatenate")
        x = try resnet(x, "\(name).resnets.\(layer)", outputs: channels[level], block)
        x = try attention(
          x, "\(name).attentions.\(layer)", block.attention,
          // diffusers reverses the number of heads for the way up, but not the channels of a head.
          AttentionChoice(
            heads: configuration.heads[level], headChannels: configuration.heads[index],
            layers: configuration.upTransformerLayers[index][layer], onlyContext: configuration.onlyContext[level],
            key: "reverse_transformer_layers_per_block"))
      }
      if level > 0 { x = try upsample(x, "\(name).upsamplers.0", block, to: skips[skips.count - 1]) }
    }
    return x
  }

  private mutating func midBlock(_ x: Value) throws(ImportError) -> Value {
    guard let kind = configuration.midAttention else { return x }
    let last = configuration.blockChannels.count - 1
    // Of the middle blocks, the one with joint attention alone heeds resnet_skip_time_act; all divide by their own factor.
    let scale = configuration.midBlockScale
    let skips = kind == .joint && configuration.skipsTimeActivation
    let x = try resnet(x, "mid_block.resnets.0", outputs: x.channels, skipsActivation: skips, scale: scale)
    guard kind != .none else { return x }
    let attended = try attention(
      x, "mid_block.attentions.0", kind,
      AttentionChoice(
        heads: configuration.heads[last], headChannels: configuration.heads[last],
        layers: configuration.downTransformerLayers[last][0], onlyContext: kind == .joint && configuration.midOnlyContext,
        key: "transformer_layers_per_block"))
    return try resnet(attended, "mid_block.resnets.1", outputs: x.channels, skipsActivation: skips, scale: scale)
  }

  private mutating func resnet(
    _ x: Value, _ name: String, outputs: Int, sampling: Operation? = nil, skipsActivation: Bool, scale: Float
  ) throws(ImportError) -> Value {
    let block = ResidualBlock(
      time: skipsActivation ? embedding : activatedEmbedding, groups: configuration.groups, epsilon: configuration.epsilon,
      activation: configuration.activation, modulates: configuration.modulation == .scaleAndShift, sampling: sampling, scale: scale)
    return try base.residualBlock(x, name, outputs: outputs, block)
  }

  private mutating func resnet(
    _ x: Value, _ name: String, outputs: Int, sampling: Operation? = nil, _ block: UNet2DConditionConfiguration.Block
  ) throws(ImportError) -> Value {
    try resnet(
      x, name, outputs: outputs, sampling: sampling, skipsActivation: block.resnetSampling && configuration.skipsTimeActivation,
      scale: block.resnetSampling ? configuration.resnetScale : 1)
  }

  private mutating func downsample(
    _ x: Value, _ name: String, _ block: UNet2DConditionConfiguration.Block
  ) throws(ImportError) -> Value {
    if block.resnetSampling { return try resnet(x, name, outputs: x.channels, sampling: .averagePool, block) }
    // Padding 0 stands for one row and column of zeros below and to the right.
    let padding = configuration.downsamplePadding
    return try base.convolution(
      x, "\(name).conv", outputs: x.channels, stride: 2, padding: padding, paddingAfter: padding == 0 ? 1 : padding)
  }

  /// - Parameter skip: what the result is joined with next; where halving rounded down, it is larger or smaller than twice `x`.
  private mutating func upsample(
    _ x: Value, _ name: String, _ block: UNet2DConditionConfiguration.Block, to skip: Value
  ) throws(ImportError) -> Value {
    if block.resnetSampling { return try resnet(x, name, outputs: x.channels, sampling: .upsampleNearest, block) }
    let (from, to) = (base.shape(x.node), base.shape(skip.node))
    let isDouble = to.height == 2 * from.height && to.width == 2 * from.width
    let operation: Operation =
      isDouble || block.attention == .pixels ? .upsampleNearest : .resize(Resize(.nearest, height: to.height, width: to.width))
    let enlarged = try base.append(operation, [x.node], "\(name).upsample")
    return try base.convolution(Value(node: enlarged, channels: x.channels), "\(name).conv", outputs: x.channels)
  }
}
