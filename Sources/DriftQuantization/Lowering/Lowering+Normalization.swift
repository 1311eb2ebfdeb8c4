import DriftGraph

extension Lowering {
  /// Lowers activation(modulate(normalization(x))), each of the outer two optional, or an activation alone.
  mutating func lowerNormalization(_ node: NodeID, as representation: Representation) throws(LoweringError) -> Int {
    guard representation == .trunk || representation == .operand || representation == .pair else {
      throw refuse(node, "is used where only a convolution's result can be")
    }
    var inner = node
    var activation: Activation?
    var modulation: NodeID?
    if case .activation(let kind) = graph[inner].operation {
      // A function that saturates is a table over what its 16-bit input can hold, so that input is stored.
      guard !kind.saturates else { return try lowerActivation(node, kind, as: representation) }
      activation = kind
      inner = graph[inner].inputs[0]
    }
    if case .quantizedActivation(let range, let levels) = graph[inner].operation {
      // ReLU, stored with the levels that it was trained with: these clip and round.
      guard representation == .operand else { throw refuse(node, "has levels that something other than a convolution reads") }
      guard (1...255).contains(levels), (0x1p-30...0x1p20).contains(range) else {
        throw refuse(node, "has \(levels) levels up to \(range), expected 1 to 255 levels up to 2^-30 to 2^20")
      }
      activation = .relu
      inner = graph[inner].inputs[0]
    }
    if case .modulate = graph[inner].operation, inner == node || consumers[inner.index].count == 1 {
      modulation = graph[inner].inputs[1]
      guard let vector = modulation, timeOnly[vector.index] else {
        throw refuse(inner, "is modulated by something other than time and class")
      }
      inner = graph[inner].inputs[0]
    }
    guard inner == node || consumers[inner.index].count == 1, var layer = normalization(inner) else {
      guard let activation, modulation == nil else { throw refuse(node, "is modulated without a normalization") }
      return try lowerActivation(node, activation, as: representation)
    }
    // What the engine's float arithmetic is proven for (docs/format.md); said here, before the minutes of calibration.
    guard (0x1p-40...1).contains(layer.epsilon) else {
      throw refuse(inner, "has the epsilon \(layer.epsilon), expected 2^-40 to 1")
    }
    let source = graph[inner].inputs[0]
    if case .concatenate = graph[source].operation, layer.kind == .group, !isElementwise(layer) {
      for part in graph[source].inputs { layer.inputs.append(try realize(part, as: .trunk)) }
    } else {
      layer.inputs = [try realize(source, as: .trunk)]
    }
    layer.modulation = modulation
    layer.activation = activation
    return emit(.normalize(layer), node: inner, to: declare(node, representation))
  }

  /// Lowers an activation of a stored value.
  private mutating func lowerActivation(_ node: NodeID, _ activation: Activation, as representation: Representation)
    throws(LoweringError) -> Int
  {
    if activation == .relu, representation == .operand, isOnlyOperand(node),
      let output = try lowerRectifiedSum(graph[node].inputs[0], to: node)
    {
      return output
    }
    var source = graph[node].inputs[0]
    var gate: NodeID?
    if case .multiply = graph[source].operation, !activation.saturates, consumers[source.index].count == 1,
      !isGatedConvolution(source), isVectorOfTime(graph[source].inputs[1]),
      graph[graph[source].inputs[1]].shape.channels == graph[source].shape.channels
    {
      gate = graph[source].inputs[1]
      source = graph[source].inputs[0]
    }
    let input = try realize(source, as: .trunk)
    if activation.saturates { saturated.insert(input) }
    let layer = LoweredActivation(input: input, activation: activation, gate: gate)
    return emit(.activate(layer), node: node, to: declare(node, representation))
  }

  /// Whether convolutions read a value as 8-bit operands, and nothing reads it otherwise.
  private func isOnlyOperand(_ node: NodeID) -> Bool {
    consumers[node.index].allSatisfy { consumer in
      switch graph[consumer].operation {
      case .convolution, .depthwise: consumer != answer && !precise.contains(graph[consumer].name)
      case .upsampleNearest: isOnlyOperand(consumer)
      default: false
      }
    } && !consumers[node.index].isEmpty
  }

  private func normalization(_ node: NodeID) -> LoweredNormalization? {
    switch graph[node].operation {
    case .groupNormalization(let groups, let epsilon, let gamma, let beta):
      LoweredNormalization(kind: .group, inputs: [], groups: groups, epsilon: epsilon, gamma: gamma, beta: beta)
    case .layerNormalization(let epsilon, let gamma, let beta):
      LoweredNormalization(kind: .pixel, inputs: [], groups: 1, epsilon: epsilon, gamma: gamma, beta: beta)
    case .rootMeanSquareNormalization(let epsilon, let gamma):
      LoweredNormalization(kind: .rootMeanSquare, inputs: [], groups: 1, epsilon: epsilon, gamma: gamma, beta: nil)
    default: nil
    }
  }

  /// Whether gamma and beta have a value for each channel and pixel.
  private func isElementwise(_ layer: LoweredNormalization) -> Bool {
    [layer.gamma, layer.beta].contains { key in key.flatMap { graph.parameters[$0] }.map { $0.shape.count == 3 } ?? false }
  }
}
