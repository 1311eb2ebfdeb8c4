import DriftGraph

/// Builds the graph of a `UNet2DConditionModel` from its configuration and tensors.
struct UNet2DConditionBuilder {
  /// A value on its way through the network.
  typealias Value = GraphBuilder.Value

  let configuration: UNet2DConditionConfiguration
  let options: DiffusersOptions
  var base: GraphBuilder
  /// The time embedding as it is.
  var embedding = Value(node: NodeID(0), channels: 0)
  /// The time embedding after the residual blocks' activation.
  var activatedEmbedding = Value(node: NodeID(0), channels: 0)
  /// Context tokens as the levels read them; nil if none does.
  var context: Value?

  private init(_ configuration: UNet2DConditionConfiguration, _ source: any TensorSource, _ options: DiffusersOptions, labels: Int)
  {
    self.configuration = configuration
    self.options = options
    base = GraphBuilder(source, architecture: configuration.path, classCount: labels)
  }

  /// The inputs are, besides sample, timestep and class label, as far as the configuration has them:
  /// `image` (channels of `in_channels` beyond the sample's, as high and wide), `encoder_hidden_states` (width x 1 x tokens), and as vectors
  /// `class_labels`, `text_embeds`, `time_ids`, `timestep_cond`, all as diffusers names them.
  static func graph(
    _ configuration: UNet2DConditionConfiguration, _ source: any TensorSource, _ options: DiffusersOptions
  ) throws(ImportError) -> Graph {
    guard let size = options.sampleSize ?? configuration.sampleSize else {
      throw ImportError(configuration.path, "'sample_size' is missing; give sample_shape in a schedule.json")
    }
    let channels = try sampleChannels(configuration, options)
    var builder = UNet2DConditionBuilder(configuration, source, options, labels: try labels(configuration, options))
    try builder.build(Shape(channels: channels, height: size.height, width: size.width))
    return try builder.base.finished()
  }

  /// Channels of the sample: what the model answers, or half of it where it predicts variances too. The other input channels are a picture.
  private static func sampleChannels(
    _ configuration: UNet2DConditionConfiguration, _ options: DiffusersOptions
  ) throws(ImportError) -> Int {
    let (inputs, outputs) = (configuration.inputChannels, configuration.outputChannels)
    let channels = options.sampleChannels ?? min(inputs, outputs)
    guard channels <= inputs, outputs == channels || outputs == 2 * channels else {
      throw ImportError(
        configuration.path,
        "'in_channels' is \(inputs) and 'out_channels' \(outputs), which do not fit a sample of \(channels) channels: the model must take at least as many and answer as many, or twice as many with variances"
      )
    }
    return channels
  }

  private static func labels(_ configuration: UNet2DConditionConfiguration, _ options: DiffusersOptions) throws(ImportError) -> Int
  {
    switch configuration.classEmbedding {
    case .table(let rows): return rows
    case .timestep:
      guard let count = configuration.labelCount ?? options.classCount else { throw ImportError.endlessLabels(configuration.path) }
      return count
    // Classes can still choose among values that inputs are bound to.
    case nil, .identity, .projection, .simpleProjection: return options.classCount ?? 0
    }
  }
}
