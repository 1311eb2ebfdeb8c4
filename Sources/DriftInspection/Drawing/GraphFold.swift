import DriftGraph

/// The longest path through a graph, and where a U-Net turns from its way down to its way up.
struct GraphFold {
  /// For each node, steps of the longest path from the sample to it.
  private(set) var depths: [Int] = []
  /// Whether a node lies on the longest path to the answer.
  private(set) var isMain: [Bool]
  /// Whether a node lies on the way up.
  private(set) var isRight: [Bool]

  /// Whether there is a way up.
  var isFolded: Bool { isRight.contains(true) }

  /// A branch that is shorter than this many nodes passes a block, not the bottom of the network.
  private static let shortestSkip = 4

  init(_ graph: Graph, _ dependences: [NodeDependence]) {
    isMain = [Bool](repeating: false, count: graph.nodes.count)
    isRight = isMain
    for node in graph.nodes {
      let sources = node.inputs.filter { dependences[$0.index] == .sample }
      depths.append((sources.map { depths[$0.index] }.max() ?? -1) + 1)
    }
    guard !graph.nodes.isEmpty, dependences[graph.output.index] == .sample else { return }
    var path: [NodeID] = []
    var next: NodeID? = graph.output
    while let id = next {
      isMain[id.index] = true
      path.append(id)
      var deepest: NodeID?
      for input in graph[id].inputs where dependences[input.index] == .sample {
        if deepest.map({ depths[$0.index] < depths[input.index] }) ?? true { deepest = input }
      }
      next = deepest
    }
    path.reverse()
    guard let turn = turn(graph, path, dependences) else { return }
    for id in graph.ids where dependences[id.index] == .sample {
      isRight[id.index] = id == turn || graph[id].inputs.contains { isRight[$0.index] }
    }
  }

  /// The first node of the way up: a join with a long branch on the narrowest level, or where the picture grows again; nil if the path
  /// does not narrow and widen again, or no branch passes its bottom.
  private func turn(_ graph: Graph, _ path: [NodeID], _ dependences: [NodeDependence]) -> NodeID? {
    let pixels = path.map { graph[$0].shape.pixels }
    guard let least = pixels.min(), let bottom = pixels.firstIndex(of: least), let last = pixels.lastIndex(of: least),
      least < pixels[0], last + 1 < path.count
    else { return nil }
    func isJoin(_ id: NodeID) -> Bool {
      let sources = graph[id].inputs.filter { dependences[$0.index] == .sample }.map { depths[$0.index] }
      guard sources.count > 1, let low = sources.min(), let high = sources.max() else { return false }
      switch graph[id].operation {
      case .concatenate: return high - low >= Self.shortestSkip
      default: return low < bottom && high > last
      }
    }
    guard path[(last + 1)...].contains(where: isJoin) else { return nil }
    return path[bottom...last].first { graph[$0].operation == .concatenate && isJoin($0) } ?? path[last + 1]
  }
}
