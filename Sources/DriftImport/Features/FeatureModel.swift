import DriftGraph

/// A small classifier whose inner features are the space of a Frechet distance, and the statistics of real pictures in that space.
public struct FeatureModel: Sendable {
  /// From a picture (`.sample`) to the class scores.
  public var graph: Graph
  /// The node whose result is the features.
  public var features: NodeID
  /// What maps to black and to white.
  public var dataRange: ClosedRange<Float>
  /// Mean of the features over real pictures.
  public var mean: [Double]
  /// Their covariance, row-major, square.
  public var covariance: [Double]

  /// Shape of the pictures that it takes.
  public var pictureShape: Shape { graph.sampleShape ?? Shape(channels: 0) }
  /// Number of features.
  public var featureCount: Int { graph[features].shape.count }
  /// Number of classes that it tells apart.
  public var classCount: Int { graph[graph.output].shape.count }
}
