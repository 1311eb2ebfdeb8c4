import DriftGraph

/// Builds the graph of a `UNet1DModel` from its configuration and tensors. A signal of length N is channels x 1 x N.
struct UNet1DBuilder {
  /// A value on its way through the network.
  typealias Value = GraphBuilder.Value

  let configuration: UNet1DConfiguration
  var base: GraphBuilder
  /// What the blocks project of the timestep, or join to the sample.
  var time = Value(node: NodeID(0), channels: 0)

  private init(_ configuration: UNet1DConfiguration, _ source: any TensorSource, classCount: Int) {
    self.configuration = configuration
    base = GraphBuilder(source, architecture: configuration.path, classCount: classCount)
  }

  static func graph(
    _ configuration: UNet1DConfiguration, _ source: any TensorSource, _ options: DiffusersOptions
  ) throws(ImportError) -> Graph {
    if let size = options.sampleSize, size.height != 1 {
      throw ImportError(configuration.path, "a signal has one row, but the sample is to have \(size.height)")
    }
    if let channels = options.sampleChannels, channels != configuration.inputChannels {
      throw ImportError(
        configuration.path, "'in_channels' is \(configuration.inputChannels), but the sample is to have \(channels) channels")
    }
    guard let length = options.sampleSize?.width ?? configuration.length else {
      throw ImportError(configuration.path, "'sample_size' is missing; give sample_shape in a schedule.json")
    }
    let multiple = 1 << halvings(configuration)
    guard length % multiple == 0 else {
      throw ImportError(
        configuration.path, "the signal's length is \(length), expected a multiple of \(multiple): the model halves it as often")
    }
    var builder = UNet1DBuilder(configuration, source, classCount: options.classCount ?? 0)
    try builder.build(Shape(channels: configuration.inputChannels, width: length))
    return try builder.base.finished()
  }

  /// How often the length is halved.
  private static func halvings(_ configuration: UNet1DConfiguration) -> Int {
    var count = configuration.middle == .temporal(isHalved: false) ? 0 : 1
    for (level, block) in configuration.downBlocks.enumerated() {
      switch block {
      case .outer: break
      case .convolutions: count += 1
      case .temporal: if level + 1 < configuration.downBlocks.count || configuration.downsamplesLastBlock { count += 1 }
      }
    }
    return count
  }

  /// The whole network, in the order in which diffusers evaluates it.
  private mutating func build(_ sampleShape: Shape) throws(ImportError) {
    let channels = configuration.blockChannels
    var x = Value(node: try base.append(.sample, [], "sample", shape: sampleShape), channels: sampleShape.channels)
    time = try timeEmbedding()
    var skips: [Value] = []
    for (level, block) in configuration.downBlocks.enumerated() {
      let isHalved = level + 1 < channels.count || configuration.downsamplesLastBlock
      x = try down(x, "down_blocks.\(level)", block, outputs: channels[level], isHalved: isHalved, &skips)
    }
    x = try middle(x)
    let lastOutputs = configuration.ending == nil ? configuration.outputChannels : channels[0]
    for (index, block) in configuration.upBlocks.enumerated() {
      let outputs = index + 1 < configuration.upBlocks.count ? channels[channels.count - 2 - index] : lastOutputs
      x = try up(
        x, "up_blocks.\(index)", block, outputs: outputs, isDoubled: index != channels.count - 1, skip: skips.removeLast())
    }
    if let ending = configuration.ending {
      x = try base.sequenceConvolution(x, "out_block.final_conv1d_1", outputs: channels[0], length: 5, padding: 2)
      x = try base.groupNormalization(x, "out_block.final_conv1d_gn", groups: ending.groups, epsilon: Self.epsilon)
      x = try base.activation(x, ending.activation, "out_block.final_conv1d_act")
      x = try base.sequenceConvolution(x, "out_block.final_conv1d_2", outputs: configuration.outputChannels, length: 1, padding: 0)
    }
    let result = base.shape(x.node)
    // A single value stands for a graph that was given up, whose tensors the error names.
    guard result == sampleShape || result == Shape(channels: 1) else {
      throw ImportError(
        configuration.path, "'up_block_types' leads to \(result), expected \(sampleShape) as of the sample")
    }
  }

  /// Epsilon of all normalizations.
  static let epsilon: Float = 1e-5

  private mutating func timeEmbedding() throws(ImportError) -> Value {
    let timestep = try base.append(.timestep, [], "timestep")
    let operation: Operation
    switch configuration.timeEmbedding {
    case .positional:
      operation = .sinusoidalEmbedding(
        dimension: configuration.timeWidth, frequencyShift: configuration.frequencyShift, cosineFirst: configuration.cosineFirst,
        maximumPeriod: 10_000)
    case .fourier:
      let weight = try base.tensor("time_proj.weight", shape: [configuration.timeWidth / 2])
      operation = .fourierEmbedding(weight: weight, logarithm: false, cosineFirst: configuration.cosineFirst)
    }
    let vector = Value(node: try base.append(operation, [timestep], "time_proj"), channels: configuration.timeWidth)
    guard let function = configuration.timeActivation else { return vector }
    let width = configuration.blockChannels[0]
    return try base.embeddingPerceptron(vector, "time_mlp", inner: 4 * width, outputs: width, function)
  }
}
