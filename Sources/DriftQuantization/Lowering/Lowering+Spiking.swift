import DriftGraph

extension Lowering {
  /// Lowers neurons: the current is of the trunk, the membrane stays from one spiking step to the next, the spikes are operands.
  mutating func lowerNeurons(_ node: NodeID, threshold: Float, as representation: Representation) throws(LoweringError) -> Int {
    guard representation == .operand else { throw refuse(node, "sends spikes to something other than a convolution") }
    guard threshold >= 0x1p-20, threshold <= 0x1p20 else {
      throw refuse(node, "has the threshold \(threshold), expected 2^-20 to 2^20")
    }
    let input = try realize(graph[node].inputs[0], as: .trunk)
    let membrane = declare(node, .membrane)
    thresholds[input] = max(thresholds[input] ?? 0, threshold)
    return emit(.fire(input: input, membrane: membrane, threshold: threshold), node: node, to: declare(node, .operand))
  }

  /// Lowers the sum of the steps' answers: each step the sum so far times a factor, plus the step's answer.
  mutating func lowerSumOfSteps(_ node: NodeID, _ weights: [Float], answer: Int) throws(LoweringError) -> Int {
    let factor = weights.count > 1 ? weights[weights.count - 2] : 1
    var expected: Float = 1
    for weight in weights.reversed() {
      guard abs(weight - expected) <= 1e-4 * abs(expected) else {
        throw refuse(
          node, "sums its steps with the weight \(weight), expected \(expected): powers of one factor, the last step's being 1")
      }
      expected *= factor
    }
    let sum = declare(node, .sum)
    return emit(.decay(input: answer, sum: sum, factor: factor), node: node, to: declare(node, .float))
  }
}
