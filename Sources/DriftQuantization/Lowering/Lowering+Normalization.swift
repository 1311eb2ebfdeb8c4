import DriftGraph

extension Lowering {
  /// Lowers activation(modulate(groupNormalization(x))), each of the outer two optional, or an activation alone.
  mutating func lowerNormalization(_ node: NodeID, as representation: Representation) throws(LoweringError) -> Int {
    guard representation == .trunk || representation == .operand || representation == .pair else {
      throw refuse(node, "is used where only a convolution's result can be")
    }
    var inner = node
    var activation: Activation?
    var modulation: NodeID?
    if case .activation(let kind) = graph[inner].operation {
      activation = kind
      inner = graph[inner].inputs[0]
    }
    if case .modulate = graph[inner].operation, inner == node || consumers[inner.index].count == 1 {
      modulation = graph[inner].inputs[1]
      guard let vector = modulation, timeOnly[vector.index] else {
        throw refuse(inner, "is modulated by something other than time and class")
      }
      inner = graph[inner].inputs[0]
    }
    guard case .groupNormalization(let groups, let epsilon, let gamma, let beta) = graph[inner].operation,
      inner == node || consumers[inner.index].count == 1
    else {
      guard let activation, modulation == nil else { throw refuse(node, "is modulated without a normalization") }
      let input = try realize(graph[node].inputs[0], as: .trunk)
      return emit(.activate(input: input, activation), node: node, to: declare(node, representation))
    }
    // What the engine's float arithmetic is proven for (docs/format.md); said here, before the minutes of calibration.
    guard (0x1p-40...1).contains(epsilon) else { throw refuse(inner, "has the epsilon \(epsilon), expected 2^-40 to 1") }
    let source = graph[inner].inputs[0]
    var inputs: [Int] = []
    if case .concatenate = graph[source].operation {
      for part in graph[source].inputs { inputs.append(try realize(part, as: .trunk)) }
    } else {
      inputs = [try realize(source, as: .trunk)]
    }
    let normalization = LoweredNormalization(
      inputs: inputs, groups: groups, epsilon: epsilon, gamma: gamma, beta: beta, modulation: modulation, activation: activation)
    return emit(.normalize(normalization), node: inner, to: declare(node, representation))
  }
}
