import DriftGraph

extension Graph {
  /// Turns a network of spiking neurons into what an integer program runs once for each spiking step: the steps' beginning disappears, since
  /// the sample enters whole at each; a factor of the step on a convolution becomes a gate, a vector whose value is that factor.
  ///
  /// A vector behind the factor goes in front of it, divided: p * (W s + b) + v = p * (W s + b + v / p). In integer programs a gate multiplies
  /// what the weights, the bias and the step's vector give.
  /// - Throws: `GraphError` for a factor that nothing can be divided by.
  func foldingStepFactors() throws(GraphError) -> Graph {
    guard firstSpikingNode != nil else { return self }
    var folding = StepFactorFolding(self)
    let result = try rewritten { id, inputs, graph throws(GraphError) in try folding.append(id, inputs, to: &graph) }
    return try result.pruned()
  }

  /// Where spiking steps are summed up last, the value that is summed; else the answer itself.
  var answerOfStep: NodeID {
    if case .spiking(.weightedSum) = self[output].operation { self[output].inputs[0] } else { output }
  }
}

/// What `Graph.foldingStepFactors` knows of the graph that it makes.
private struct StepFactorFolding {
  /// A convolution times a factor of the step, as it was built: p * (product + shift / p).
  struct Gated {
    var product: NodeID
    var key: String
    var shift: NodeID?
  }

  /// A factor below this is no scale of a trained layer, and a vector divided by it would lose its lower bits.
  static let leastFactor: Float = 0x1p-8

  let source: Graph
  let timeOnly: [Bool]
  let consumers: [[NodeID]]
  /// By the node of the new graph.
  var gated: [NodeID: Gated] = [:]
  /// Vectors of ones by their length.
  var ones: [Int: NodeID] = [:]

  init(_ source: Graph) {
    self.source = source
    timeOnly = source.dependsOnTimeAlone()
    consumers = source.consumers()
  }

  mutating func append(_ id: NodeID, _ inputs: [NodeID], to graph: inout Graph) throws(GraphError) -> NodeID {
    let node = source[id]
    switch node.operation {
    case .spiking(.repeated):
      return inputs[0]
    case .spiking(.stepFactors(let key)) where !timeOnly[id.index]:
      // The parts of a convolution that reads joined values.
      if case .add = graph[inputs[0]].operation, graph[inputs[0]].inputs.allSatisfy({ isConvolution($0, graph) }) {
        let parts = graph[inputs[0]].inputs
        let a = try gate(Gated(product: parts[0], key: key), name: "\(node.name).0", in: &graph)
        let b = try gate(Gated(product: parts[1], key: key), name: "\(node.name).1", in: &graph)
        return try graph.append(.add, [a, b], name: node.name)
      }
      return try gate(Gated(product: inputs[0], key: key), name: node.name, in: &graph)
    case .add:
      guard var part = gated[inputs[0]], consumers[node.inputs[0].index].count == 1, timeOnly[node.inputs[1].index],
        source[node.inputs[1]].shape.pixels == 1
      else { break }
      part.shift =
        try part.shift.map { shift throws(GraphError) in
          try graph.append(.add, [shift, inputs[1]], name: "\(node.name).sum")
        } ?? inputs[1]
      return try gate(part, name: node.name, in: &graph)
    default: break
    }
    return try graph.append(copyOf: node, inputs)
  }

  private func isConvolution(_ id: NodeID, _ graph: Graph) -> Bool {
    if case .convolution = graph[id].operation { true } else { false }
  }

  private mutating func gate(_ part: Gated, name: String, in graph: inout Graph) throws(GraphError) -> NodeID {
    let channels = graph[part.product].shape.channels
    var inner = part.product
    if let shift = part.shift {
      let inverse = "\(part.key).inverse"
      if graph.parameters[inverse] == nil, let factors = graph.parameters[part.key] {
        if let factor = factors.values.first(where: { !(abs($0) >= Self.leastFactor) }) {
          throw GraphError(
            node: name, problem: "has the factor \(factor) of a spiking step, expected a magnitude of \(Self.leastFactor) at least")
        }
        graph.parameters[inverse] = Parameter(shape: factors.shape, values: factors.values.map { 1 / $0 })
      }
      let divided = try graph.append(.spiking(.stepFactors(inverse)), [shift], name: "\(name).divided")
      inner = try graph.append(.add, [inner, divided], name: "\(name).inner")
    }
    let factors = try graph.append(
      .spiking(.stepFactors(part.key)), [try vectorOfOnes(channels, in: &graph)], name: "\(name).factors")
    let result = try graph.append(.multiply, [inner, factors], name: name)
    gated[result] = part
    return result
  }

  private mutating func vectorOfOnes(_ channels: Int, in graph: inout Graph) throws(GraphError) -> NodeID {
    if let known = ones[channels] { return known }
    let key = "spiking.ones.\(channels)"
    graph.parameters[key] = Parameter(shape: [channels, 1, 1], values: [Float](repeating: 1, count: channels))
    let node = try graph.append(.parameter(key), [], name: key)
    ones[channels] = node
    return node
  }
}
