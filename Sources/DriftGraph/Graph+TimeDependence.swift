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

  /// For each node of `dependsOnTimeAlone`, whether its value changes with the timestep.
  public func changesWithTimestep() -> [Bool] {
    var result: [Bool] = []
    for node in nodes {
      switch node.operation {
      case .timestep: result.append(true)
      case .stepFunction(let name): result.append(stepFunctions[name]?.dependsOnTimestep ?? true)
      default: result.append(node.inputs.contains { result[$0.index] })
      }
    }
    return result
  }

  /// For each node, whether its value changes with the class label.
  public func changesWithClass() -> [Bool] {
    var result: [Bool] = []
    for node in nodes {
      switch node.operation {
      case .classLabel, .stepFunction: result.append(classCount > 0)
      default: result.append(node.inputs.contains { result[$0.index] })
      }
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
