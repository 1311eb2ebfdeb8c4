extension Graph {
  /// For each node, whether it depends on the timestep and class alone. Such values are known at conversion for every step.
  public func dependsOnTimeAlone() -> [Bool] {
    var result: [Bool] = []
    for node in nodes {
      if case .input = node.operation {
        result.append(false)
        continue
      }
      result.append(node.operation != .sample && node.inputs.allSatisfy { result[$0.index] })
    }
    return result
  }

  /// For each node, the nodes that read its result, in order.
  public func consumers() -> [[NodeID]] {
    var result = [[NodeID]](repeating: [], count: nodes.count)
    for id in ids {
      for input in self[id].inputs { result[input.index].append(id) }
    }
    return result
  }
}
