import DriftGraph

/// Builds the graph of diffusers' transformers on pictures from their configuration and tensors.
///
/// A picture's pixels, or its patches, are the tokens. Where the model answers variances beside the noise, only the noise is taken: samplers
/// here have variances of their own.
struct TransformerBuilder {
  /// A value on its way through the network.
  typealias Value = GraphBuilder.Value

  let configuration: TransformerConfiguration
  let options: DiffusersOptions
  var base: GraphBuilder
  /// Tokens that cross-attention reads.
  var context: Value?
  var timestep = NodeID(0)
  /// The activated embedding that layers share, projected: scale, shift and gate of attention and of the feed-forward part.
  var shared: Value?
  /// The same embedding by itself.
  var sharedEmbedding: Value?

  static func graph(
    _ configuration: TransformerConfiguration, _ source: any TensorSource, _ options: DiffusersOptions
  ) throws(ImportError) -> Graph {
    guard let size = options.sampleSize ?? configuration.sampleSize else {
      throw ImportError(
        configuration.path, "'sample_size' is missing; say how large a sample is: sample_size, or sample_shape in a schedule.json")
    }
    let classes = configuration.normalization == .zero ? (configuration.embeddings ?? 0) + 1 : options.classCount ?? 0
    var builder = TransformerBuilder(
      configuration: configuration, options: options,
      base: GraphBuilder(source, architecture: configuration.path, classCount: classes))
    // Older versions of diffusers saved the positions, which are computed.
    builder.base.ignore { $0 == "pos_embed.pos_embed" }
    try builder.build(Shape(channels: configuration.channels, height: size.height, width: size.width))
    return try builder.base.finished()
  }

  private mutating func build(_ shape: Shape) throws(ImportError) {
    let sample = Value(node: try base.append(.sample, [], "sample", shape: shape), channels: shape.channels)
    if configuration.normalization != .layer { timestep = try base.append(.timestep, [], "timestep") }
    try buildContext()
    if let patch = configuration.patchSize {
      guard shape.height % patch == 0, shape.width % patch == 0, shape.height > 0, shape.width > 0 else {
        throw ImportError(configuration.path, "'patch_size' is \(patch), which does not divide a sample of \(shape)")
      }
      try patches(sample, patch)
    } else {
      try pixels(sample)
    }
  }

  private mutating func buildContext() throws(ImportError) {
    guard let cross = configuration.crossChannels else { return }
    guard (1...65_536).contains(options.contextLength) else {
      throw ImportError(configuration.path, "the context has \(options.contextLength) tokens, expected 1 to 65536")
    }
    let (name, width) = ("encoder_hidden_states", configuration.captionChannels ?? cross)
    let shape = Shape(channels: width, width: options.contextLength)
    var tokens = Value(node: try base.append(.input(name), [], name, shape: shape), channels: width)
    if configuration.captionChannels != nil {
      let inner = configuration.inner
      tokens = try base.embeddingPerceptron(tokens, "caption_projection", inner: inner, outputs: inner, .geluTanh)
    }
    context = tokens
  }

  /// Pixels as tokens, layers between two projections, added to the sample.
  private mutating func pixels(_ sample: Value) throws(ImportError) {
    var x = try base.groupNormalization(sample, "norm", groups: configuration.groups, epsilon: 1e-6)
    x = try projection(x, "proj_in", outputs: configuration.inner)
    for layer in 0..<configuration.layers { x = try block(x, "transformer_blocks.\(layer)") }
    x = try projection(x, "proj_out", outputs: configuration.channels)
    _ = try base.add(x, sample, "add_sample")
  }

  /// A layer on pixels, which `use_linear_projection` stores as a linear layer, else as a 1x1 convolution.
  private mutating func projection(_ x: Value, _ name: String, outputs: Int) throws(ImportError) -> Value {
    if configuration.projectsLinearly { return try base.linear(x, name, outputs: outputs) }
    return try base.convolution(x, name, outputs: outputs, kernel: 1, padding: 0)
  }

  /// Squares of pixels as tokens at their positions, layers, and squares of pixels again.
  private mutating func patches(_ sample: Value, _ patch: Int) throws(ImportError) {
    let inner = configuration.inner
    var x = try base.convolution(sample, "pos_embed.proj", outputs: inner, kernel: patch, stride: patch, padding: 0)
    let grid = base.shape(x.node)
    guard inner * grid.pixels <= 1 << 27 else {
      throw ImportError(configuration.path, "\(grid.pixels) tokens of \(inner) channels are more than can be converted")
    }
    let positions = base.constant(
      "pos_embed.positions", [inner, grid.height, grid.width],
      PositionTable.sinusoidal(
        channels: inner, height: grid.height, width: grid.width, base: (configuration.sampleSize?.height ?? grid.height) / patch,
        interpolation: configuration.interpolation))
    let table = try base.append(.parameter(positions), [], "pos_embed.positions")
    x = try base.add(x, Value(node: table, channels: inner), "pos_embed.add")
    try buildSharedEmbedding()
    for layer in 0..<configuration.layers { x = try block(x, "transformer_blocks.\(layer)") }

    x = try base.layerNormalization(x, "norm_out", epsilon: 1e-6, isAffine: false)
    x.node = try base.append(.modulate, [x.node, try finalModulation().node], "norm_out.modulate")
    let name = sharedEmbedding == nil ? "proj_out_2" : "proj_out"
    // A token's values are rows, columns, then channels: the order of depthToSpace already.
    let (total, kept) = (configuration.outputChannels, configuration.channels)
    let rows = (0..<patch * patch).flatMap { pixel in (0..<kept).map { pixel * total + $0 } }
    x =
      total == kept
      ? try base.linear(x, name, outputs: rows.count)
      : try base.projection(x, "\(name).noise", of: name, total: patch * patch * total, rows: rows)
    _ = try base.append(.depthToSpace(block: patch), [x.node], "unpatchify")
  }
}
