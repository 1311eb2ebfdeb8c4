import DriftGraph

/// Rows of the nodes that depend on the sample: by depth, downwards on the left side and upwards on the right side.
struct GraphRows {
  /// Of each node; 0 for those that do not depend on the sample.
  private(set) var rows: [Int]

  init(_ graph: Graph, _ fold: GraphFold) {
    rows = fold.depths
    guard fold.isFolded else { return }
    let left = Self.layers(graph, fold, isRight: false), right = Self.layers(graph, fold, isRight: true)
    let places = Self.bands(left: left.map(\.pixels), right: right.map(\.pixels))
    for (layer, row) in zip(left, places.left) { for node in layer.nodes { rows[node] = row } }
    for (layer, row) in zip(right, places.right) { for node in layer.nodes { rows[node] = row } }
  }

  private struct Layer {
    var nodes: [Int] = []
    var pixels = 0
  }

  /// The nodes of one side by depth, from the first row to the last.
  private static func layers(_ graph: Graph, _ fold: GraphFold, isRight: Bool) -> [Layer] {
    let here = graph.nodes.indices.filter { fold.isRight[$0] == isRight }
    guard let least = here.map({ fold.depths[$0] }).min(), let most = here.map({ fold.depths[$0] }).max() else { return [] }
    var layers = [Layer](repeating: Layer(), count: most - least + 1)
    for node in here {
      let depth = fold.depths[node] - least
      layers[depth].nodes.append(node)
      if fold.isMain[node] { layers[depth].pixels = graph.nodes[node].shape.pixels }
    }
    // Layers of branches alone belong to the level before them.
    for depth in layers.indices.dropFirst() where layers[depth].pixels == 0 { layers[depth].pixels = layers[depth - 1].pixels }
    return isRight ? layers.reversed() : layers
  }

  /// Rows of both sides' layers, such that each resolution has rows of its own; without such bands where a side does not go down steadily.
  private static func bands(left: [Int], right: [Int]) -> (left: [Int], right: [Int]) {
    func falls(_ levels: [Int]) -> Bool { zip(levels, levels.dropFirst()).allSatisfy { $0 >= $1 } }
    guard falls(left), falls(right) else {
      let shift = max(left.count - right.count, 0)
      return (Array(left.indices), right.indices.map { $0 + shift })
    }
    var result: (left: [Int], right: [Int]) = ([], [])
    var row = 0
    for level in Set(left + right).sorted(by: >) {
      let counts = (left: left.count { $0 == level }, right: right.count { $0 == level })
      let height = max(counts.left, counts.right)
      result.left += (0..<counts.left).map { row + $0 }
      // The way up begins at the foot of a band.
      result.right += (0..<counts.right).map { row + height - counts.right + $0 }
      row += height
    }
    return result
  }
}
