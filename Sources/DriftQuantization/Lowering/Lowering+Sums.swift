import CDriftFormat
import DriftGraph

extension Lowering {
  /// A summand of a sum: a node times a factor.
  private struct Term {
    var node: NodeID
    var factor: Float
  }

  /// Lowers a convolution, or a sum of two values that may be scaled, into as few operators as possible: a convolution takes the other
  /// summand as its residual, and a summand that depends on time alone as its step vector.
  mutating func lowerSum(_ node: NodeID, as representation: Representation) throws(LoweringError) -> Int {
    let terms = terms(of: node)
    guard terms.count <= 2 else { throw refuse(node, "adds more than two values") }
    if let sum = convolutionSum(node) { return try lowerConvolution(sum, of: node, as: representation) }
    guard representation == .trunk else { throw refuse(node, "is used where only a convolution's result can be") }
    guard terms[0].node != node else {
      // A vector of the timestep on something other than a convolution that nothing else reads.
      let input = try realize(graph[node].inputs[0], as: .trunk)
      let shifted = LoweredActivation(input: input, activation: nil, shift: graph[node].inputs[1])
      return emit(.activate(shifted), node: node, to: declare(node, .trunk))
    }
    let a = try realize(terms[0].node, as: .trunk)
    guard terms.count == 2 else {
      return emit(.add(a: a, b: a, gainA: terms[0].factor, gainB: 0), node: node, to: declare(node, .trunk))
    }
    let b = try realize(terms[1].node, as: .trunk)
    return emit(.add(a: a, b: b, gainA: terms[0].factor, gainB: terms[1].factor), node: node, to: declare(node, .trunk))
  }

  /// A convolution and what its operator adds to its result.
  private struct ConvolutionSum {
    var carrier: Term
    var residual: Term?
    /// A vector of the timestep that is added to both.
    var stepVector: NodeID?
  }

  /// A sum that one convolution operator computes: a convolution, perhaps another summand, perhaps a vector of the timestep on their sum.
  private func convolutionSum(_ node: NodeID) -> ConvolutionSum? {
    let terms = terms(of: node)
    if terms.count <= 2, let carrier = terms.lastIndex(where: { isConvolution($0.node, within: node, alone: terms.count == 1) }) {
      return ConvolutionSum(carrier: terms[carrier], residual: terms.count == 2 ? terms[1 - carrier] : nil)
    }
    guard case .add = graph[node].operation, isVectorOfTime(graph[node].inputs[1]) else { return nil }
    let inner = graph[node].inputs[0]
    guard consumers[inner.index].count == 1, var sum = convolutionSum(inner), sum.stepVector == nil, sum.residual != nil,
      sum.carrier.factor == 1, case .convolution = graph[sum.carrier.node].operation
    else { return nil }
    sum.stepVector = graph[node].inputs[1]
    return sum
  }

  /// Lowers ReLU of a sum that one convolution computes and nothing else reads: 8-bit operands whose least level is 0 clamp by themselves.
  /// Nil for other sums.
  mutating func lowerRectifiedSum(_ node: NodeID, to result: NodeID) throws(LoweringError) -> Int? {
    guard consumers[node.index].count == 1, !timeOnly[node.index], let sum = convolutionSum(node) else { return nil }
    if case .depthwise = graph[sum.carrier.node].operation { return nil }
    return try lowerConvolution(sum, of: result, as: .operand)
  }

  /// Summands of a node: looks through scaling and through the addition below it, while nothing else reads what lies between.
  private func terms(of root: NodeID) -> [Term] {
    var factor: Float = 1
    var node = root
    while case .scale(let scale) = graph[node].operation, node == root || consumers[node.index].count == 1 {
      factor *= scale
      node = graph[node].inputs[0]
    }
    guard case .add = graph[node].operation, node == root || consumers[node.index].count == 1,
      !isVectorOfTime(graph[node].inputs[1])
    else {
      return [Term(node: node, factor: factor)]
    }
    return graph[node].inputs.map { input in
      var term = Term(node: input, factor: factor)
      while case .scale(let scale) = graph[term.node].operation, consumers[term.node.index].count == 1 {
        term.factor *= scale
        term.node = graph[term.node].inputs[0]
      }
      return term
    }
  }

  /// Whether a convolution operator can compute this summand: a convolution, or one plus a step vector, that nothing else reads. A depthwise
  /// one takes no other summand. What is known for every step is stored instead.
  private func isConvolution(_ node: NodeID, within root: NodeID, alone: Bool) -> Bool {
    guard !timeOnly[node.index], node == root || consumers[node.index].count == 1 else { return false }
    var node = node
    if isGatedConvolution(node) { node = graph[node].inputs[0] }
    switch graph[node].operation {
    case .convolution: return true
    case .depthwise: return alone
    case .add:
      let (a, b) = (graph[node].inputs[0], graph[node].inputs[1])
      guard isVectorOfTime(b), consumers[a.index].count == 1 else { return false }
      switch graph[a].operation {
      case .convolution: return true
      case .depthwise: return alone
      default: return false
      }
    default: return false
    }
  }

  /// Whether a value is known for every step and has one pixel, so that it is added to or multiplies every pixel.
  func isVectorOfTime(_ node: NodeID) -> Bool { timeOnly[node.index] && graph[node].shape.pixels == 1 }

  /// Whether a node multiplies what a convolution gives, and nothing else reads, by a vector of the timestep and class.
  func isGatedConvolution(_ node: NodeID) -> Bool {
    guard case .multiply = graph[node].operation, isVectorOfTime(graph[node].inputs[1]),
      graph[graph[node].inputs[1]].shape.channels == graph[node].shape.channels
    else { return false }
    let product = graph[node].inputs[0]
    guard consumers[product.index].count == 1 else { return false }
    switch graph[product].operation {
    case .convolution: return true
    case .add:
      guard isVectorOfTime(graph[product].inputs[1]), consumers[graph[product].inputs[0].index].count == 1 else { return false }
      if case .convolution = graph[graph[product].inputs[0]].operation { return true }
      return false
    default: return false
    }
  }

  /// Whether a value is what a convolution gives, without residual.
  func isConvolutionResult(_ node: NodeID) -> Bool {
    let terms = terms(of: node)
    return terms.count == 1 && isConvolution(terms[0].node, within: node, alone: true)
  }

  /// Whether a value is what a depthwise convolution gives, with one reader: if that takes 8 bits, they are stored at once.
  func isDepthwiseResult(_ node: NodeID) -> Bool {
    let terms = terms(of: node)
    guard terms.count == 1, consumers[node.index].count == 1, isConvolution(terms[0].node, within: node, alone: true) else {
      return false
    }
    var inner = terms[0].node
    if case .add = graph[inner].operation { inner = graph[inner].inputs[0] }
    if case .depthwise = graph[inner].operation { return true }
    return false
  }

  private mutating func lowerConvolution(
    _ sum: ConvolutionSum, of root: NodeID, as representation: Representation
  ) throws(LoweringError) -> Int {
    let (carrier, residual) = (sum.carrier, sum.residual)
    var node = carrier.node
    var stepVector = sum.stepVector
    var gate: NodeID?
    if isGatedConvolution(node) {
      gate = graph[node].inputs[1]
      node = graph[node].inputs[0]
    }
    if case .add = graph[node].operation {
      stepVector = graph[node].inputs[1]
      node = graph[node].inputs[0]
    }
    let convolution: Convolution
    let isDepthwise: Bool
    switch graph[node].operation {
    case .convolution(let full): (convolution, isDepthwise) = (full, false)
    case .depthwise(let single): (convolution, isDepthwise) = (single, true)
    default: throw refuse(node, "is not a convolution")
    }
    guard carrier.factor > 0 else { throw refuse(root, "scales a convolution by \(carrier.factor), expected a positive factor") }
    guard residual == nil || representation == .trunk || representation == .operand else {
      throw refuse(root, "adds a residual to the answer itself")
    }
    guard !isDepthwise || representation != .float else {
      throw refuse(node, "is a depthwise convolution that gives the answer; let a full convolution give it")
    }
    let residualTensor: Int?
    if let residual { residualTensor = try realize(residual.node, as: .trunk) } else { residualTensor = nil }
    var source = graph[node].inputs[0]
    var upsample = Enlargement.none
    if !isDepthwise, case .upsampleNearest = graph[source].operation {
      source = graph[source].inputs[0]
      upsample = allowsPhases(convolution) ? .phases : .nearest
    }
    // Where values were trained to jump, layers that read others are few, and an error in what they pass on moves many a value across a
    // threshold or to another level.
    let isPrecise =
      !isDepthwise && (precise.contains(graph[node].name) || isSample(source) || root == answer || hasTrainedLevels)
    let operand: Representation =
      switch graph[source].operation {
      case .attention, .spiking(.integrateAndFire), .quantizedActivation: .operand
      default: isPrecise ? .pair : .operand
      }
    let input = try realize(source, as: operand)
    let lowered = LoweredConvolution(
      input: input, convolution: convolution, isDepthwise: isDepthwise, factor: carrier.factor, upsample: upsample,
      stepVector: stepVector, gate: gate, residual: residualTensor, residualGain: residual?.factor ?? 0)
    return emit(.convolution(lowered), node: node, to: declare(root, representation))
  }

  /// Phases need a 3x3 kernel around each pixel, and whole blocks of output channels.
  private func allowsPhases(_ convolution: Convolution) -> Bool {
    let padding = [convolution.padTop, convolution.padLeft, convolution.padBottom, convolution.padRight]
    let outputs = graph.parameters[convolution.weight]?.shape.first ?? 0
    return convolution.kernelHeight == 3 && convolution.kernelWidth == 3 && convolution.stride == 1 && padding == [1, 1, 1, 1]
      && outputs % Int(DRIFT_OUTPUT_BLOCK) == 0
  }

  /// Whether a value is the sample, perhaps scaled, clamped, replaced by codes or mixed by 1x1 convolutions: the convolution that reads it
  /// decides how exact the picture is.
  private func isSample(_ node: NodeID) -> Bool {
    var node = node
    while true {
      switch graph[node].operation {
      case .sample: return true
      case .convolution(let convolution) where convolution.taps == 1: break
      case .scale, .nearestCode, .activation(.tanh): break
      default: return false
      }
      node = graph[node].inputs[0]
    }
  }
}
