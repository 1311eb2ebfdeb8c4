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
}
