import DriftGraph

/// The integer program before it has scales: tensors, and operators in the order in which they run.
struct LoweredProgram {
  /// The float graph that the tensors' nodes belong to.
  var graph: Graph
  var tensors: [LoweredTensor]
  var operators: [LoweredOperator]
  /// The sample, float32.
  var input: Int
  /// The denoiser's answer, float32.
  var output: Int
  /// A single value that depends on the timestep alone and multiplies the answer.
  var outputScale: NodeID?
  /// Trunk tensors that functions read which are constant beyond what `ActivationTables` hold.
  var saturated: Set<Int> = []
  /// How often the program runs for one evaluation: the steps of spiking neurons.
  var spikeSteps = 1
  /// Greatest threshold of the spiking neurons that read a trunk tensor.
  var thresholds: [Int: Float] = [:]

  /// Whether it has neurons with membranes, or sums up their steps.
  var isSpiking: Bool { tensors.contains { $0.representation == .membrane || $0.representation == .sum } }

  /// Nodes that are read as 8-bit operands.
  var operandNodes: Set<NodeID> {
    Set(tensors.filter { $0.levels != nil }.map(\.node))
  }

  /// Nodes that are held in 16 bits, the trunk and pairs.
  var sixteenBitNodes: Set<NodeID> {
    Set(tensors.filter { $0.representation == .trunk || $0.representation == .pair }.map(\.node))
  }

  /// The same program with a number of levels for every 8-bit operand.
  func withLevels(_ count: Int) -> LoweredProgram {
    var result = self
    for index in tensors.indices { result.tensors[index].levelCount = count }
    return result
  }

  /// The same program whose ranges are chosen with another weight of clipping.
  func withClippingWeight(_ weight: Double) -> LoweredProgram {
    var result = self
    for index in tensors.indices { result.tensors[index].clippingWeight = weight }
    return result
  }

  /// Nodes that convolutions read.
  var convolutionInputs: Set<NodeID> {
    Set(
      operators.compactMap {
        if case .convolution(let convolution) = $0.kind { tensors[convolution.input].node } else { nil }
      })
  }
}
