import DriftGraph

extension Graph {
  /// Writes factors and shifts of the timestep that follow a normalization as its modulation: n * a, and n * a + b, with vectors a and b.
  func gatheringModulations() throws(GraphError) -> Graph {
    let (timeOnly, consumers) = (dependsOnTimeAlone(), consumers())
    func isVector(_ id: NodeID, _ channels: Int) -> Bool { timeOnly[id.index] && self[id].shape == Shape(channels: channels) }
    /// Whether a node is a normalization times a vector.
    func product(_ id: NodeID) -> Bool {
      let node = self[id]
      guard node.operation == .multiply, !timeOnly[id.index], isVector(node.inputs[1], node.shape.channels) else { return false }
      return self[node.inputs[0]].operation.isNormalization
    }
    return try rewritten { id, inputs, graph throws(GraphError) in
      let node = self[id]
      let channels = node.shape.channels
      if product(id) {
        let zero = "\(node.name).zero"
        graph.parameters[zero] = Parameter(shape: [channels, 1, 1], values: [Float](repeating: 0, count: channels))
        let minusOne = "\(node.name).minus_one"
        graph.parameters[minusOne] = Parameter(shape: [channels, 1, 1], values: [Float](repeating: -1, count: channels))
        let shift = try graph.append(.parameter(zero), name: zero)
        let one = try graph.append(.parameter(minusOne), name: minusOne)
        let scale = try graph.append(.add, [inputs[1], one], name: "\(node.name).scale")
        let vector = try graph.append(.concatenate, [scale, shift], name: "\(node.name).vector")
        return try graph.append(.modulate, [inputs[0], vector], name: node.name)
      }
      guard node.operation == .add, product(node.inputs[0]), consumers[node.inputs[0].index].count == 1,
        isVector(node.inputs[1], channels)
      else { return try graph.append(copyOf: node, inputs) }
      let modulation = graph[inputs[0]]
      let scale = graph[modulation.inputs[1]].inputs[0]
      let vector = try graph.append(.concatenate, [scale, inputs[1]], name: "\(node.name).vector")
      return try graph.append(.modulate, [modulation.inputs[0], vector], name: node.name)
    }
  }
}
