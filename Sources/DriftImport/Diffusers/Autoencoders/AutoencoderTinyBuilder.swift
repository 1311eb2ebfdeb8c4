import DriftGraph

/// Builds the decoder of diffusers' `AutoencoderTiny` (TAESD): the graph's sample is the denoiser's latent, its output the picture.
struct AutoencoderTinyBuilder {
  private typealias Value = GraphBuilder.Value

  private let configuration: AutoencoderTinyConfiguration
  private var base: GraphBuilder

  /// - Parameter latent: shape of the denoiser's sample.
  static func graph(
    _ configuration: AutoencoderTinyConfiguration, _ source: any TensorSource, latent: Shape
  ) throws(ImportError) -> Graph {
    var builder = AutoencoderTinyBuilder(
      configuration: configuration, base: GraphBuilder(source, architecture: configuration.path))
    builder.base.ignore { $0.hasPrefix("encoder.") }
    try builder.build(latent)
    return try builder.base.finished()
  }

  private init(configuration: AutoencoderTinyConfiguration, base: GraphBuilder) {
    self.configuration = configuration
    self.base = base
  }

  private mutating func build(_ shape: Shape) throws(ImportError) {
    var x = try base.latents(shape, channels: configuration.latentChannels, configuration.scaling)
    // Latents are kept within -3 to 3, softly.
    x = try base.divided(x, by: 3, "decoder.clamp.divide")
    x = try base.activation(x, .tanh, "decoder.clamp.tanh")
    x.node = try base.append(.scale(3), [x.node], "decoder.clamp.multiply")

    // The layers are numbered in one row, those without weights too.
    var layer = 2
    x = try base.convolution(x, "decoder.layers.0", outputs: configuration.blockChannels[0])
    x = try base.activation(x, configuration.activation, "decoder.layers.1")
    for (level, count) in configuration.blockCounts.enumerated() {
      for _ in 0..<count {
        x = try block(x, "decoder.layers.\(layer)")
        layer += 1
      }
      guard level + 1 < configuration.blockCounts.count else { break }
      x = try enlarged(x, "decoder.layers.\(layer)")
      x = try convolutionWithoutBias(x, "decoder.layers.\(layer + 1)", outputs: configuration.blockChannels[level])
      layer += 2
    }
    try answer(x, "decoder.layers.\(layer)")
  }

  /// Three convolutions, added to the input; ReLU afterwards whatever act_fn says.
  private mutating func block(_ x: Value, _ name: String) throws(ImportError) -> Value {
    var hidden = x
    for index in 0..<3 {
      hidden = try base.convolution(hidden, "\(name).conv.\(2 * index)", outputs: x.channels)
      if index < 2 { hidden = try base.activation(hidden, configuration.activation, "\(name).conv.\(2 * index + 1)") }
    }
    return try base.activation(try base.add(hidden, x, "\(name).add"), .relu, "\(name).fuse")
  }

  private mutating func enlarged(_ x: Value, _ name: String) throws(ImportError) -> Value {
    let (method, factor) = configuration.enlargement
    guard factor > 1 else { return x }
    if method == .nearest, factor == 2 { return try base.moved(x, .upsampleNearest, name) }
    let shape = base.shape(x.node)
    return try base.moved(x, .resize(Resize(method, height: factor * shape.height, width: factor * shape.width)), name)
  }

  private mutating func convolutionWithoutBias(_ x: Value, _ name: String, outputs: Int) throws(ImportError) -> Value {
    let weight = try base.tensor("\(name).weight", shape: [outputs, x.channels, 3, 3])
    let convolution = Convolution(weight: weight, bias: nil, kernel: 3, padTop: 1, padLeft: 1, padBottom: 1, padRight: 1)
    return Value(node: try base.append(.convolution(convolution), [x.node], name), channels: outputs)
  }

  /// The last convolution, and 2x - 1 of it, since the network makes pictures of 0 to 1.
  private mutating func answer(_ x: Value, _ name: String) throws(ImportError) {
    let outputs = configuration.outputChannels
    let weight = try base.tensor("\(name).weight", shape: [outputs, x.channels, 3, 3], storedAs: "\(name).doubled.weight") {
      Parameter(shape: $0.shape, values: $0.values.map { 2 * $0 })
    }
    let bias = try base.tensor("\(name).bias", shape: [outputs], storedAs: "\(name).doubled.bias") {
      Parameter(shape: $0.shape, values: $0.values.map { 2 * $0 - 1 })
    }
    let convolution = Convolution(weight: weight, bias: bias, kernel: 3, padTop: 1, padLeft: 1, padBottom: 1, padRight: 1)
    _ = try base.append(.convolution(convolution), [x.node], name)
  }
}
