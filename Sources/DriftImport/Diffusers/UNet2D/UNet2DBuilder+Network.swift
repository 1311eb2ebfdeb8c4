import DriftGraph

extension UNet2DBuilder {
  /// The whole network, in the order in which diffusers evaluates it.
  mutating func build(_ sampleShape: Shape) throws(ImportError) {
    let channels = configuration.blockChannels
    var x = Value(node: try append(.sample, [], "sample", shape: sampleShape), channels: configuration.channels)
    let timestep = try append(.timestep, [], "timestep")
    embedding = try timeEmbedding(timestep)

    if configuration.centersInput { x = try centered(x) }
    x = try convolution(x, "conv_in", outputs: channels[0])
    var skips = [x]
    for (level, block) in configuration.downBlocks.enumerated() {
      let name = "down_blocks.\(level)"
      for layer in 0..<configuration.layersPerBlock {
        x = try resnet(x, "\(name).resnets.\(layer)", outputs: channels[level])
        if block.attention { x = try attention(x, "\(name).attentions.\(layer)", groups: configuration.groups) }
        skips.append(x)
      }
      if level + 1 < channels.count {
        x = try downsample(x, "\(name).downsamplers.0", block)
        skips.append(x)
      }
    }
    if configuration.hasMidBlock { x = try midBlock(x) }
    for (index, block) in configuration.upBlocks.enumerated() {
      let (name, level) = ("up_blocks.\(index)", channels.count - 1 - index)
      for layer in 0...configuration.layersPerBlock {
        let skip = skips.removeLast()
        let joined = try append(.concatenate, [x.node, skip.node], "\(name).resnets.\(layer).concatenate")
        x = try resnet(
          Value(node: joined, channels: x.channels + skip.channels), "\(name).resnets.\(layer)", outputs: channels[level])
        if block.attention { x = try attention(x, "\(name).attentions.\(layer)", groups: configuration.groups) }
      }
      if level > 0 { x = try upsample(x, "\(name).upsamplers.0", block) }
    }
    x = try normalization(x, "conv_norm_out", groups: configuration.groups)
    // This last activation is SiLU whatever act_fn says.
    x.node = try append(.activation(.silu), [x.node], "conv_act")
    x = try convolution(x, "conv_out", outputs: configuration.channels)
    if configuration.timeEmbedding == .fourier {
      let inverse = try append(.reciprocal, [timestep], "timestep.reciprocal")
      x.node = try append(.multiply, [x.node, inverse], "divide_by_timestep")
    }
  }

  /// Residual block, then attention and a second residual block.
  private mutating func midBlock(_ x: Value) throws(ImportError) -> Value {
    let (channels, scale) = (x.channels, configuration.midBlockScale)
    var x = try resnet(x, "mid_block.resnets.0", outputs: channels, scale: scale)
    if configuration.midBlockAttention {
      // Without a number of its own, this attention is normalized only where the time embedding is added, not where it modulates.
      let groups = configuration.attentionGroups ?? (configuration.modulation == .shift ? configuration.groups : nil)
      x = try attention(x, "mid_block.attentions.0", groups: groups, scale: scale)
    }
    return try resnet(x, "mid_block.resnets.1", outputs: channels, scale: scale)
  }

  private mutating func downsample(_ x: Value, _ name: String, _ block: UNet2DConfiguration.Block) throws(ImportError) -> Value {
    if block.resnetSampling { return try resnet(x, name, outputs: x.channels, sampling: .averagePool) }
    // Padding 0 stands for one row and column of zeros below and to the right.
    let padding = configuration.downsamplePadding
    return try convolution(
      x, "\(name).conv", outputs: x.channels, stride: 2, padding: padding, paddingAfter: padding == 0 ? 1 : padding)
  }

  private mutating func upsample(_ x: Value, _ name: String, _ block: UNet2DConfiguration.Block) throws(ImportError) -> Value {
    if block.resnetSampling { return try resnet(x, name, outputs: x.channels, sampling: .upsampleNearest) }
    let enlarged = try append(.upsampleNearest, [x.node], "\(name).upsample")
    return try convolution(Value(node: enlarged, channels: x.channels), "\(name).conv", outputs: x.channels)
  }

  /// 2x - 1, for models whose pictures lie in 0 to 1: a 1x1 convolution, so that the padding that follows is still zero.
  private mutating func centered(_ x: Value) throws(ImportError) -> Value {
    let count = x.channels
    var weights = [Float](repeating: 0, count: count * count)
    for channel in 0..<count { weights[channel * count + channel] = 2 }
    let weight = constant("center_input_sample.weight", [count, count, 1, 1], weights)
    let bias = constant("center_input_sample.bias", [count], [Float](repeating: -1, count: count))
    return Value(
      node: try append(.convolution(Convolution(weight: weight, bias: bias)), [x.node], "center_input_sample"), channels: count)
  }

  /// Timestep and class as one vector, activated for the projections of the residual blocks.
  private mutating func timeEmbedding(_ timestep: NodeID) throws(ImportError) -> NodeID {
    let dimension = configuration.timeEmbeddingDimension
    let projected = try projection(timestep, "time_proj")
    var embedding = try perceptron(projected, "time_embedding")
    if let kind = configuration.classEmbedding {
      let label = try append(.classLabel, [], "class_label")
      let vector: NodeID
      switch kind {
      case .table(let rows):
        let table = try tensor("class_embedding.weight", shape: [rows, dimension])
        vector = try append(.embedding(table: table), [label], "class_embedding")
      case .timestep:
        vector = try perceptron(try projection(label, "class_proj"), "class_embedding")
      case .identity:
        let ones = constant("class_embedding.ones", [dimension, 1, 1, 1], [Float](repeating: 1, count: dimension))
        vector = try append(.convolution(Convolution(weight: ones, bias: nil)), [label], "class_embedding")
      }
      embedding = try append(.add, [embedding, vector], "time_embedding.add_class")
    }
    return try append(.activation(configuration.activation), [embedding], "time_embedding.activation")
  }

  /// Sines and cosines of a number.
  private mutating func projection(_ number: NodeID, _ name: String) throws(ImportError) -> NodeID {
    let width = configuration.blockChannels[0]
    switch configuration.timeEmbedding {
    case .positional:
      let operation = Operation.sinusoidalEmbedding(
        dimension: width, frequencyShift: configuration.frequencyShift, cosineFirst: configuration.cosineFirst,
        maximumPeriod: 10_000)
      return try append(operation, [number], name)
    case .fourier:
      // Sines come first here whatever flip_sin_to_cos says.
      let weight = try tensor("time_proj.weight", shape: [width])
      return try append(.fourierEmbedding(weight: weight, logarithm: true, cosineFirst: false), [number], name)
    }
  }

  /// Two linear layers with SiLU between them, whatever act_fn says.
  private mutating func perceptron(_ x: NodeID, _ name: String) throws(ImportError) -> NodeID {
    let dimension = configuration.timeEmbeddingDimension
    let inputs = configuration.timeEmbedding == .fourier ? 2 * configuration.blockChannels[0] : configuration.blockChannels[0]
    let hidden = try linear(x, "\(name).linear_1", inputs: inputs, outputs: dimension)
    let activated = try append(.activation(.silu), [hidden], "\(name).act")
    return try linear(activated, "\(name).linear_2", inputs: dimension, outputs: dimension)
  }
}
