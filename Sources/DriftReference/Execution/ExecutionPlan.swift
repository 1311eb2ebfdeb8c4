import DriftGraph

/// Where each node's result lies: a few slots, shared by results that do not live at the same time.
struct ExecutionPlan {
  /// Slot of each node's result.
  private(set) var slot: [Int] = []
  /// Floats that each slot must hold.
  private(set) var capacity: [Int] = []
  /// Nodes that depend on the timestep and class alone.
  let timeNodes: [NodeID]

  init(_ graph: Graph) {
    let timeOnly = graph.dependsOnTimeAlone()
    timeNodes = graph.ids.filter { timeOnly[$0.index] }
    var lastUse = graph.consumers().map { $0.last?.index ?? -1 }
    if !lastUse.isEmpty { lastUse[graph.output.index] = graph.nodes.count }
    // What evaluateTimePart returns stays until the end, so that it can be read after the run.
    for node in timeNodes { lastUse[node.index] = graph.nodes.count }

    var free: [Int] = []
    var dying: [Int: [Int]] = [:]
    for id in graph.ids {
      let need = graph[id].shape.count
      let fitting = free.indices.filter { capacity[free[$0]] >= need }.min { capacity[free[$0]] < capacity[free[$1]] }
      let largest = free.indices.max { capacity[free[$0]] < capacity[free[$1]] }
      if let choice = fitting ?? largest {
        let chosen = free.remove(at: choice)
        capacity[chosen] = max(capacity[chosen], need)
        slot.append(chosen)
      } else {
        slot.append(capacity.count)
        capacity.append(need)
      }
      dying[max(lastUse[id.index], id.index), default: []].append(slot[id.index])
      free += dying[id.index] ?? []
    }
  }
}
