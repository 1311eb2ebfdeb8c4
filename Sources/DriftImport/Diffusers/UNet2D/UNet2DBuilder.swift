import DriftGraph

/// Builds the graph of a `UNet2DModel` from its configuration and tensors.
struct UNet2DBuilder {
  /// A value on its way through the network.
  typealias Value = GraphBuilder.Value

  let configuration: UNet2DConfiguration
  var base: GraphBuilder
  /// The time embedding after its activation, which every residual block projects.
  var embedding = Value(node: NodeID(0), channels: 0)

  private init(_ configuration: UNet2DConfiguration, _ source: any TensorSource, classCount: Int) {
    self.configuration = configuration
    base = GraphBuilder(source, architecture: configuration.path, classCount: classCount)
  }

  /// - Parameters:
  ///   - sampleSize: height and width of a picture.
  ///   - classCount: labels that the model takes, 0 if none.
  static func graph(
    _ configuration: UNet2DConfiguration, _ source: any TensorSource, sampleSize: (height: Int, width: Int), classCount: Int
  ) throws(ImportError) -> Graph {
    var builder = UNet2DBuilder(configuration, source, classCount: classCount)
    try builder.build(Shape(channels: configuration.channels, height: sampleSize.height, width: sampleSize.width))
    return try builder.base.finished()
  }

  /// - Parameter options: fill in what the configuration leaves open, and must not contradict it.
  static func graph(
    _ configuration: UNet2DConfiguration, _ source: any TensorSource, _ options: DiffusersOptions
  ) throws(ImportError) -> Graph {
    let (path, asked) = (configuration.path, "but schedule.json's sample_shape says")
    if let found = configuration.sampleSize, let size = options.sampleSize, found != size {
      throw ImportError(path, "'sample_size' is \(found.height)x\(found.width), \(asked) \(size.height)x\(size.width)")
    }
    if let channels = options.sampleChannels, channels != configuration.channels {
      throw ImportError(path, "'in_channels' is \(configuration.channels), \(asked) \(channels)")
    }
    guard let size = configuration.sampleSize ?? options.sampleSize else {
      throw ImportError(path, "'sample_size' is missing; give sample_shape in a schedule.json")
    }
    return try graph(configuration, source, sampleSize: size, classCount: try classCount(configuration, options))
  }

  /// Labels that the model takes, "no class" included; 0 if none.
  private static func classCount(_ configuration: UNet2DConfiguration, _ options: DiffusersOptions) throws(ImportError) -> Int {
    switch configuration.classEmbedding {
    case nil: return 0
    case .table(let rows): return rows
    case .timestep, .identity:
      guard let count = configuration.labelCount ?? options.classCount else { throw ImportError.endlessLabels(configuration.path) }
      return count
    }
  }
}
