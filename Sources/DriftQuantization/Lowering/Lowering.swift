import DriftGraph

/// Turns a float graph into an integer program: fuses normalization with activation, residuals, scaling and time embeddings with
/// convolutions, enlargement with the convolution that reads it, and chooses for every value how it is held.
///
/// Works backwards from the answer: a value is realized when something needs it, once per representation.
struct Lowering {
  let graph: Graph
  /// Names of convolutions that read 16-bit operands.
  let precise: Set<String>
  let timeOnly: [Bool]
  let changesWithTimestep: [Bool]
  let changesWithClass: [Bool]
  let consumers: [[NodeID]]
  /// Whether the network was trained with spikes or levels: its values jump.
  let hasTrainedLevels: Bool
  /// The node whose value the integer program computes last.
  private(set) var answer: NodeID
  private(set) var tensors: [LoweredTensor] = []
  private(set) var operators: [LoweredOperator] = []
  /// Trunk tensors that functions read which are constant beyond a bound.
  var saturated: Set<Int> = []
  /// Greatest threshold of the neurons that read a trunk tensor.
  var thresholds: [Int: Float] = [:]
  private var realized: [Key: Int] = [:]

  private struct Key: Hashable {
    var node: NodeID
    var representation: Representation
  }

  /// - Parameters:
  ///   - graph: a denoiser.
  ///   - precise: names of convolutions that read 16-bit operands, besides those that read the sample or give the answer.
  ///   - allowsNeurons: whether the program may have several steps within one evaluation, as networks of spiking neurons have.
  /// - Throws: `LoweringError` naming the node that an integer program cannot hold.
  static func lower(_ graph: Graph, precise: Set<String>, allowsNeurons: Bool = false) throws(LoweringError) -> LoweredProgram {
    if !allowsNeurons, let node = graph.firstSpikingNode {
      throw LoweringError(
        node: node.name,
        problem: "belongs to a network of spiking neurons, which have several steps within one evaluation; int8 programs have one")
    }
    let split: Graph
    do {
      split = try graph.replacingTransposedConvolutions().replacingBilinearEnlargements().gatheringModulations()
        .splittingConcatenatedConvolutions().foldingStepFactors().separatingEnds().pruned()
    } catch {
      throw LoweringError(node: error.node, problem: error.problem)
    }
    var lowering = Lowering(graph: split, precise: precise)
    var answer = split.answerOfStep
    var outputScale: NodeID?
    // A step holds one factor, so it cannot be one for each class.
    if case .multiply = split[answer].operation, lowering.timeOnly[split[answer].inputs[1].index],
      !lowering.changesWithClass[split[answer].inputs[1].index],
      split[split[answer].inputs[1]].shape == Shape(channels: 1)
    {
      outputScale = split[answer].inputs[1]
      answer = split[answer].inputs[0]
    }
    lowering.answer = answer
    var output = try lowering.realize(answer, as: .float)
    if case .spiking(.weightedSum(let weights)) = split[split.output].operation {
      output = try lowering.lowerSumOfSteps(split.output, weights, answer: output)
    }
    guard let input = lowering.tensors.firstIndex(where: { split[$0.node].operation == .sample && $0.representation == .float })
    else {
      throw LoweringError(node: split[split.output].name, problem: "the answer does not depend on the sample")
    }
    return LoweredProgram(
      graph: split, tensors: lowering.tensors, operators: lowering.operators, input: input, output: output,
      outputScale: outputScale, saturated: lowering.saturated, spikeSteps: split.spikingSteps ?? 1,
      thresholds: lowering.thresholds)
  }

  private init(graph: Graph, precise: Set<String>) {
    self.graph = graph
    self.precise = precise
    answer = graph.output
    timeOnly = graph.dependsOnTimeAlone()
    changesWithTimestep = graph.changesWithTimestep()
    changesWithClass = graph.changesWithClass()
    consumers = graph.consumers()
    hasTrainedLevels = graph.nodes.contains { node in
      switch node.operation {
      case .spiking(.integrateAndFire), .quantizedActivation: true
      default: false
      }
    }
  }

  /// The tensor that holds a node's value in the given representation.
  mutating func realize(_ node: NodeID, as representation: Representation) throws(LoweringError) -> Int {
    let key = Key(node: node, representation: representation)
    if let tensor = realized[key] { return tensor }
    if timeOnly[node.index] {
      let tensor = try lowerKnown(node, as: representation)
      realized[key] = tensor
      return tensor
    }
    if representation == .symmetricOperand, !isGatedConvolution(node), !isConvolutionResult(node) {
      let tensor = try quantize(node, as: representation, from: .trunk)
      realized[key] = tensor
      return tensor
    }
    let tensor: Int
    switch graph[node].operation {
    case .sample:
      tensor = representation == .float ? declare(node, .float) : try quantize(node, as: representation, from: .float)
    case .convolution, .depthwise, .add, .scale:
      let isDirect = representation == .operand ? isDepthwiseResult(node) : representation != .pair
      tensor = isDirect ? try lowerSum(node, as: representation) : try quantize(node, as: representation, from: .trunk)
    case .multiply where !isGatedConvolution(node):
      tensor = try lowerProduct(node, as: representation)
    case .multiply:
      tensor =
        representation == .pair || representation == .operand
        ? try quantize(node, as: representation, from: .trunk) : try lowerSum(node, as: representation)
    case .crop, .pad, .reshapePixels, .transposePixels, .channelSlice, .depthToSpace, .concatenatePixels:
      tensor = representation == .trunk ? try lowerGather(node) : try quantize(node, as: representation, from: .trunk)
    case .resize(let resize) where resize.method == .nearest:
      tensor = representation == .trunk ? try lowerGather(node) : try quantize(node, as: representation, from: .trunk)
    case .nearestCode(let table):
      guard representation == .trunk else {
        tensor = try quantize(node, as: representation, from: .trunk)
        break
      }
      let input = try realize(graph[node].inputs[0], as: .trunk)
      tensor = emit(.nearestCode(input: input, table: table), node: node, to: declare(node, .trunk))
    case .groupNormalization, .layerNormalization, .rootMeanSquareNormalization, .modulate, .activation,
      .quantizedActivation:
      tensor = try lowerNormalization(node, as: representation)
    case .attention(let heads, let factor):
      guard representation == .operand else { throw refuse(node, "attention feeds something other than a convolution") }
      tensor = try lowerAttention(node, heads: heads, factor: factor)
    case .upsampleNearest, .averagePool, .concatenate:
      tensor =
        representation == .trunk ? try lowerRearrangement(node) : try quantize(node, as: representation, from: .trunk)
    case .spiking(.integrateAndFire(let threshold)):
      tensor = try lowerNeurons(node, threshold: threshold, as: representation)
    case .resize:
      throw refuse(
        node, "enlarges bilinearly by no whole factor, or keeps the corners; int8 has whole factors without, and nearest neighbours"
      )
    case .spaceToDepth:
      throw refuse(node, "packs pixels into channels, which has no integer form; a convolution with that stride has")
    default:
      throw refuse(node, "has no integer form")
    }
    realized[key] = tensor
    return tensor
  }

  /// A new tensor for a node.
  mutating func declare(_ node: NodeID, _ representation: Representation) -> Int {
    var tensor = LoweredTensor(name: graph[node].name, node: node, representation: representation, shape: graph[node].shape)
    if representation == .operand { tensor.trained = trainedLevels(of: node) }
    tensors.append(tensor)
    return tensors.count - 1
  }

  /// What a network of spikes or quantized activations says about a node's values.
  private func trainedLevels(of node: NodeID) -> TrainedLevels? {
    switch graph[node].operation {
    case .spiking(.integrateAndFire): TrainedLevels(count: 1, scale: 1)
    case .quantizedActivation(let range, let levels): TrainedLevels(count: levels, scale: range / Float(levels))
    default: nil
    }
  }

  /// Appends an operator that writes `output`.
  mutating func emit(_ kind: LoweredOperator.Kind, node: NodeID, to output: Int) -> Int {
    operators.append(LoweredOperator(name: graph[node].name, kind: kind, output: output))
    return output
  }

  func refuse(_ node: NodeID, _ problem: String) -> LoweringError {
    LoweringError(node: graph[node].name, problem: problem)
  }

  private mutating func quantize(_ node: NodeID, as representation: Representation, from source: Representation)
    throws(LoweringError) -> Int
  {
    guard representation != .float, representation != source else {
      throw refuse(node, "is used where only a convolution's result can be")
    }
    let input = try realize(node, as: source)
    return emit(.quantize(input: input), node: node, to: declare(node, representation))
  }

  private mutating func lowerAttention(_ node: NodeID, heads: Int, factor: Float) throws(LoweringError) -> Int {
    var operands: [Int] = []
    for input in graph[node].inputs { operands.append(try realize(input, as: .symmetricOperand)) }
    let kind = LoweredOperator.Kind.attention(
      query: operands[0], key: operands[1], value: operands[2], heads: heads, factor: factor)
    return emit(kind, node: node, to: declare(node, .operand))
  }

  private mutating func lowerRearrangement(_ node: NodeID) throws(LoweringError) -> Int {
    var inputs: [Int] = []
    for input in graph[node].inputs { inputs.append(try realize(input, as: .trunk)) }
    let output = declare(node, .trunk)
    switch graph[node].operation {
    case .upsampleNearest: return emit(.upsample(input: inputs[0]), node: node, to: output)
    case .averagePool: return emit(.averagePool(input: inputs[0]), node: node, to: output)
    default: return emit(.concatenate(a: inputs[0], b: inputs[1]), node: node, to: output)
    }
  }
}
