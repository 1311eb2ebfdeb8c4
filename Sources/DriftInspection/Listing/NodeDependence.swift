import DriftGraph

/// What a node's value depends on.
public enum NodeDependence: Sendable, Equatable {
  /// The noisy sample: it is computed at every step.
  case sample
  /// An input beside the sample, the timestep and the class, but not the sample.
  case input
  /// The timestep and the class alone: it is worked out for every step at conversion.
  case step(timestep: Bool, classLabel: Bool)

  /// In words; nil for the sample.
  public var text: String? {
    switch self {
    case .sample: nil
    case .input: "input alone"
    case .step(true, true): "timestep and class alone"
    case .step(true, false): "timestep alone"
    case .step(false, true): "class alone"
    case .step(false, false): "constant"
    }
  }
}

extension Graph {
  /// For each node, what its value depends on.
  public func dependences() -> [NodeDependence] {
    let isStep = dependsOnTimeAlone(), timestep = changesWithTimestep(), label = changesWithClass()
    var readsSample: [Bool] = []
    for node in nodes {
      readsSample.append(node.operation == .sample || node.inputs.contains { readsSample[$0.index] })
    }
    return nodes.indices.map { index in
      if readsSample[index] { return .sample }
      return isStep[index] ? .step(timestep: timestep[index], classLabel: label[index]) : .input
    }
  }
}
