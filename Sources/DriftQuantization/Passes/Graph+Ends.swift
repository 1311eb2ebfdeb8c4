import DriftGraph

extension Graph {
  /// Puts a convolution that changes nothing between the sample and what reads it but cannot take a float (a normalization, a sum), and
  /// behind an answer that no convolution gives: only convolutions read and write floats. A depthwise convolution of the sample becomes a full
  /// one, which reads 16 bits.
  func separatingEnds() throws(GraphError) -> Graph {
    let outputIsConvolution: Bool
    switch self[output].operation {
    case .convolution: outputIsConvolution = true
    case .multiply: outputIsConvolution = dependsOnTimeAlone()[self[output].inputs[1].index]
    // Between the sum of spiking steps and what it sums, below.
    case .spiking(.weightedSum): outputIsConvolution = true
    default: outputIsConvolution = false
    }
    var copy: NodeID?
    var result = try rewritten { id, inputs, graph throws(GraphError) in
      let node = self[id]
      var inputs = inputs
      if let full = try graph.append(fullFormOf: node, inputs) { return full }
      for (index, input) in node.inputs.enumerated() where self[input].operation == .sample && !readsFloats(node) {
        if let copy {
          inputs[index] = copy
        } else {
          inputs[index] = try graph.appendIdentity(of: inputs[index], name: "sample.copy")
          copy = inputs[index]
        }
      }
      if case .spiking(.weightedSum) = node.operation, !readsFloats(self[node.inputs[0]]) {
        inputs[0] = try graph.appendIdentity(of: inputs[0], name: "\(node.name).answer")
      }
      return try graph.append(copyOf: node, inputs)
    }
    if !outputIsConvolution {
      let answer = result.output
      result.output = try result.appendIdentity(of: answer, name: "\(self[output].name).answer")
    }
    return result
  }

  /// Only convolutions read and write floats.
  private func readsFloats(_ node: Node) -> Bool {
    if case .convolution = node.operation { true } else { false }
  }

  /// Samples of more channels stay with 8 bits, since the weights grow with the square.
  private static var mostChannelsInFull: Int { 64 }

  /// Appends a depthwise convolution of the sample as a full one with zeros between channels; nil for other nodes.
  private mutating func append(fullFormOf node: Node, _ inputs: [NodeID]) throws(GraphError) -> NodeID? {
    guard case .depthwise(var convolution) = node.operation, self[inputs[0]].operation == .sample,
      let weight = parameters[convolution.weight], weight.shape[0] <= Self.mostChannelsInFull
    else { return nil }
    let (channels, taps) = (weight.shape[0], convolution.taps)
    var values = [Float](repeating: 0, count: channels * channels * taps)
    for channel in 0..<channels {
      for tap in 0..<taps { values[(channel * channels + channel) * taps + tap] = weight.values[channel * taps + tap] }
    }
    convolution.weight += ".full"
    parameters[convolution.weight] = Parameter(shape: [channels, channels] + weight.shape.dropFirst(2), values: values)
    return try append(.convolution(convolution), inputs, name: node.name)
  }

  private mutating func appendIdentity(of node: NodeID, name: String) throws(GraphError) -> NodeID {
    let channels = self[node].shape.channels
    var values = [Float](repeating: 0, count: channels * channels)
    for channel in 0..<channels { values[channel * channels + channel] = 1 }
    parameters["\(name).weight"] = Parameter(shape: [channels, channels, 1, 1], values: values)
    return try append(.convolution(Convolution(weight: "\(name).weight", bias: nil)), [node], name: name)
  }
}
