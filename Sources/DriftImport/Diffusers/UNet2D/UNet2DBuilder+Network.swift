import DriftGraph

extension UNet2DBuilder {
  /// The whole network, in the order in which diffusers evaluates it.
  mutating func build(_ sampleShape: Shape) throws(ImportError) {
    let channels = configuration.blockChannels
    var x = Value(node: try base.append(.sample, [], "sample", shape: sampleShape), channels: configuration.channels)
    let timestep = try base.append(.timestep, [], "timestep")
    embedding = try timeEmbedding(timestep)

    if configuration.centersInput { x = try base.centered(x) }
    x = try base.convolution(x, "conv_in", outputs: channels[0])
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
        let joined = try base.append(.concatenate, [x.node, skip.node], "\(name).resnets.\(layer).concatenate")
        x = try resnet(
          Value(node: joined, channels: x.channels + skip.channels), "\(name).resnets.\(layer)", outputs: channels[level])
        if block.attention { x = try attention(x, "\(name).attentions.\(layer)", groups: configuration.groups) }
      }
      if level > 0 { x = try upsample(x, "\(name).upsamplers.0", block) }
    }
    x = try normalization(x, "conv_norm_out", groups: configuration.groups)
    // This last activation is SiLU whatever act_fn says.
    x.node = try base.append(.activation(.silu), [x.node], "conv_act")
    x = try base.convolution(x, "conv_out", outputs: configuration.channels)
    if configuration.timeEmbedding == .fourier {
      let inverse = try base.append(.reciprocal, [timestep], "timestep.reciprocal")
      x.node = try base.append(.multiply, [x.node, inverse], "divide_by_timestep")
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
    return try base.convolution(
      x, "\(name).conv", outputs: x.channels, stride: 2, padding: padding, paddingAfter: padding == 0 ? 1 : padding)
  }

  private mutating func upsample(_ x: Value, _ name: String, _ block: UNet2DConfiguration.Block) throws(ImportError) -> Value {
    if block.resnetSampling { return try resnet(x, name, outputs: x.channels, sampling: .upsampleNearest) }
    let enlarged = try base.append(.upsampleNearest, [x.node], "\(name).upsample")
    return try base.convolution(Value(node: enlarged, channels: x.channels), "\(name).conv", outputs: x.channels)
  }

  /// Timestep and class as one vector, activated for the projections of the residual blocks.
  private mutating func timeEmbedding(_ timestep: NodeID) throws(ImportError) -> Value {
    let dimension = configuration.timeEmbeddingDimension
    let projected = try projection(timestep, "time_proj")
    var embedding = try perceptron(projected, "time_embedding")
    if let kind = configuration.classEmbedding {
      let label = try base.append(.classLabel, [], "class_label")
      let vector: Value
      switch kind {
      case .table(let rows):
        let table = try base.tensor("class_embedding.weight", shape: [rows, dimension])
        vector = Value(node: try base.append(.embedding(table: table), [label], "class_embedding"), channels: dimension)
      case .timestep:
        vector = try perceptron(try projection(label, "class_proj"), "class_embedding")
      case .identity:
        let ones = base.constant("class_embedding.ones", [dimension, 1, 1, 1], [Float](repeating: 1, count: dimension))
        let repeated = try base.append(.convolution(Convolution(weight: ones, bias: nil)), [label], "class_embedding")
        vector = Value(node: repeated, channels: dimension)
      }
      embedding = try base.add(embedding, vector, "time_embedding.add_class")
    }
    return try base.activation(embedding, configuration.activation, "time_embedding.activation")
  }

  /// Sines and cosines of a number.
  private mutating func projection(_ number: NodeID, _ name: String) throws(ImportError) -> Value {
    let width = configuration.blockChannels[0]
    switch configuration.timeEmbedding {
    case .positional:
      let operation = Operation.sinusoidalEmbedding(
        dimension: width, frequencyShift: configuration.frequencyShift, cosineFirst: configuration.cosineFirst,
        maximumPeriod: 10_000)
      return Value(node: try base.append(operation, [number], name), channels: width)
    case .fourier:
      // Sines come first here whatever flip_sin_to_cos says.
      let weight = try base.tensor("time_proj.weight", shape: [width])
      let operation = Operation.fourierEmbedding(weight: weight, logarithm: true, cosineFirst: false)
      return Value(node: try base.append(operation, [number], name), channels: 2 * width)
    }
  }

  /// Two linear layers with SiLU between them, whatever act_fn says.
  private mutating func perceptron(_ x: Value, _ name: String) throws(ImportError) -> Value {
    let dimension = configuration.timeEmbeddingDimension
    return try base.embeddingPerceptron(x, name, inner: dimension, outputs: dimension, .silu)
  }
}
