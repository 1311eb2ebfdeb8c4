import DriftGraph

extension Graph {
  /// Puts a convolution that changes nothing between the sample and what reads it but cannot take a float (a normalization, a sum), and
  /// behind an answer that no convolution gives: only convolutions read and write floats.
  func separatingEnds() throws(GraphError) -> Graph {
    let outputIsConvolution: Bool
    switch self[output].operation {
    case .convolution: outputIsConvolution = true
    case .multiply: outputIsConvolution = dependsOnTimeAlone()[self[output].inputs[1].index]
    default: outputIsConvolution = false
    }
    var copy: NodeID?
    var result = try rewritten { id, inputs, graph throws(GraphError) in
      let node = self[id]
      var inputs = inputs
      for (index, input) in node.inputs.enumerated() where self[input].operation == .sample && !readsFloats(node) {
        if let copy {
          inputs[index] = copy
        } else {
          inputs[index] = try graph.appendIdentity(of: inputs[index], name: "sample.copy")
          copy = inputs[index]
        }
      }
      return try graph.append(copyOf: node, inputs)
    }
    if !outputIsConvolution {
      let answer = result.output
      result.output = try result.appendIdentity(of: answer, name: "\(self[output].name).answer")
    }
    return result
  }

  private func readsFloats(_ node: Node) -> Bool {
    if case .convolution = node.operation { true } else { false }
  }

  private mutating func appendIdentity(of node: NodeID, name: String) throws(GraphError) -> NodeID {
    let channels = self[node].shape.channels
    var values = [Float](repeating: 0, count: channels * channels)
    for channel in 0..<channels { values[channel * channels + channel] = 1 }
    parameters["\(name).weight"] = Parameter(shape: [channels, channels, 1, 1], values: values)
    return try append(.convolution(Convolution(weight: "\(name).weight", bias: nil)), [node], name: name)
  }
}
