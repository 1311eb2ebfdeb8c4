extension Graph {
  /// The same without nodes and parameters that the answer does not need. The sample stays.
  public func pruned() throws(GraphError) -> Graph {
    var isNeeded = [Bool](repeating: false, count: nodes.count)
    isNeeded[output.index] = true
    for id in ids.reversed() where isNeeded[id.index] {
      for input in self[id].inputs { isNeeded[input.index] = true }
    }
    for id in ids where self[id].operation == .sample { isNeeded[id.index] = true }

    var result = Graph(stepFunctions: stepFunctions, classCount: classCount)
    for node in zip(nodes, isNeeded).filter(\.1).map(\.0) {
      for key in node.operation.parameterKeys { result.parameters[key] = parameters[key] }
    }
    var renamed: [NodeID: NodeID] = [:]
    for id in ids where isNeeded[id.index] {
      let node = self[id]
      renamed[id] = try result.append(
        node.operation, node.inputs.compactMap { renamed[$0] }, name: node.name, shape: node.shape)
    }
    if let output = renamed[output] { result.output = output }
    return result
  }
}

extension Operation {
  /// Keys of the parameters that the operation reads.
  public var parameterKeys: [String] {
    switch self {
    case .parameter(let key), .embedding(let key), .nearestCode(let key), .spiking(.stepFactors(let key)): [key]
    case .fourierEmbedding(let weight, _, _): [weight]
    case .convolution(let convolution), .depthwise(let convolution): [convolution.weight] + (convolution.bias.map { [$0] } ?? [])
    case .transposedConvolution(let convolution): [convolution.weight] + (convolution.bias.map { [$0] } ?? [])
    case .groupNormalization(_, _, let gamma, let beta): [gamma, beta]
    case .layerNormalization(_, let gamma, let beta): [gamma, beta].compactMap { $0 }
    case .rootMeanSquareNormalization(_, let gamma): [gamma].compactMap { $0 }
    default: []
    }
  }
}
