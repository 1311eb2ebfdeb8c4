extension Graph {
  /// Inputs besides sample, timestep and class label, by name.
  public var openInputs: [String: Shape] {
    var result: [String: Shape] = [:]
    for node in nodes { if case .input(let name) = node.operation { result[name] = node.shape } }
    return result
  }

  /// The same graph with an input bound to one value for each class, or to one for all: what was an input is then known for every step.
  /// - Parameters:
  ///   - name: of the input.
  ///   - values: channels first, as many as the input's shape; one array for each class, or one array alone.
  /// - Throws: `GraphError` if there is no such input or the values do not fit.
  public func binding(_ name: String, to values: [[Float]]) throws(GraphError) -> Graph {
    guard let shape = openInputs[name] else {
      let known = openInputs.keys.sorted().joined(separator: ", ")
      throw GraphError(node: name, problem: "the model has no input of this name; it has \(known.isEmpty ? "none" : known)")
    }
    guard values.count == 1 || (values.count == classCount && classCount > 0) else {
      throw GraphError(
        node: name, problem: "\(values.count) values were given, expected 1 or one for each of \(classCount) classes")
    }
    if let wrong = values.first(where: { $0.count != shape.count }) {
      throw GraphError(node: name, problem: "takes \(shape) = \(shape.count) values, got \(wrong.count)")
    }
    var result = Graph(parameters: parameters, stepFunctions: stepFunctions, classCount: classCount)
    result.stepFunctions[name] = StepFunction(dependsOnTimestep: false) { _, label in
      let index = values.count == 1 ? 0 : label ?? 0
      return values.indices.contains(index) ? values[index] : []
    }
    for node in nodes {
      if node.operation == .input(name) {
        try result.append(.stepFunction(name), name: node.name, shape: node.shape)
      } else {
        try result.append(node.operation, node.inputs, name: node.name, shape: node.shape)
      }
    }
    result.output = output
    return result
  }
}
