import DriftGraph

/// A fill for each spatial resolution of a graph, and those of values that do not depend on the sample.
package struct LevelColours {
  /// Of values of the timestep and the class alone.
  package static let prepared = "#ffe08a"
  /// Of inputs beside them, and what is made of these alone.
  static let input = "#d5d9dd"
  private static let palette = ["#cfe3f7", "#c3ebdf", "#dcefbf", "#e6d7f5", "#f9d3e3", "#f7d2c4", "#d8d4ea", "#cde9f2"]

  /// The resolutions, largest first, with their fills.
  let levels: [(height: Int, width: Int, fill: String)]

  init(_ graphs: [(graph: Graph, dependences: [NodeDependence])]) {
    var sizes: Set<[Int]> = []
    for (graph, dependences) in graphs {
      for (node, dependence) in zip(graph.nodes, dependences) where dependence == .sample {
        sizes.insert([node.shape.height, node.shape.width])
      }
    }
    let sorted = sizes.sorted { ($0[0] * $0[1], $0[0]) > ($1[0] * $1[1], $1[0]) }
    levels = sorted.enumerated().map { ($1[0], $1[1], Self.palette[$0 % Self.palette.count]) }
  }

  func fill(_ node: Node, _ dependence: NodeDependence) -> String {
    switch dependence {
    case .step: Self.prepared
    case .input: Self.input
    case .sample: levels.first { $0.height == node.shape.height && $0.width == node.shape.width }?.fill ?? "#ffffff"
    }
  }
}
