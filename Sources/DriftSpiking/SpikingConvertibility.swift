import DriftGraph

/// How each node of a graph would convert to a spiking program, and why.
///
/// An operation F may act on spikes only if F of a sum is the sum of F. Convolutions, sums, joins and poolings are; ReLU behind them is
/// what an integrate-and-fire neuron computes by itself. Everything else needs a tracking neuron, which is exact for any function of the
/// membrane and is what group normalization, SiLU and attention come to.
public struct SpikingConvertibility: Sendable {
  /// One node's part.
  public struct Entry: Sendable, Equatable {
    /// The node.
    public var node: NodeID
    /// Its name in the checkpoint.
    public var name: String
    /// What it becomes.
    public var treatment: SpikingTreatment
    /// Why, in a few words.
    public var reason: String
  }

  /// One entry per node, in the order of the graph.
  public let entries: [Entry]
  /// Values that neurons hold between steps: results of integrate-and-fire, tracking and encoding nodes.
  public let neurons: Int
  /// Of `neurons`, those that need more than integrate and fire.
  public let trackingNeurons: Int

  /// Walks a graph.
  public init(of graph: Graph) {
    let constant = graph.dependsOnTimeAlone(), consumers = graph.consumers()
    var entries: [Entry] = []
    for id in graph.ids {
      let node = graph[id]
      let (treatment, reason): (SpikingTreatment, String) =
        constant[id.index]
        ? (.stepConstant, "depends on the timestep and the class alone")
        : Self.isAbsorbed(id, in: graph, consumers: consumers)
          ? (.absorbed, "its statistics and affine map belong to the neuron behind it")
          : Self.treatment(of: id, in: graph, constant: constant)
      entries.append(Entry(node: id, name: node.name, treatment: treatment, reason: reason))
    }
    self.entries = entries
    func values(_ treatments: Set<SpikingTreatment>) -> Int {
      entries.filter { treatments.contains($0.treatment) }.reduce(0) { $0 + graph[$1.node].shape.count }
    }
    neurons = values([.encoder, .integrateAndFire, .tracking])
    trackingNeurons = values([.tracking])
  }

  /// Whether integrate-and-fire neurons do all of the work.
  public var needsTracking: Bool { entries.contains { $0.treatment == .tracking } }

  /// How many nodes get a treatment.
  public func count(of treatment: SpikingTreatment) -> Int { entries.filter { $0.treatment == treatment }.count }

  /// The nodes as aligned columns, then the totals.
  public func listing() -> String {
    let nameWidth = entries.map(\.name.count).max() ?? 0
    let treatmentWidth = SpikingTreatment.allCases.map(\.rawValue.count).max() ?? 0
    func pad(_ text: String, _ width: Int) -> String { text + String(repeating: " ", count: max(width - text.count, 0)) }
    var lines = entries.map { "\(pad($0.name, nameWidth))  \(pad($0.treatment.rawValue, treatmentWidth))  \($0.reason)" }
    let totals = SpikingTreatment.allCases.map { "\(count(of: $0)) \($0.rawValue)" }.joined(separator: ", ")
    lines.append("\(entries.count) nodes: \(totals)")
    lines.append("\(neurons) neurons, \(trackingNeurons) of them tracking")
    return lines.joined(separator: "\n")
  }

  /// What a node that depends on the sample becomes.
  private static func treatment(of id: NodeID, in graph: Graph, constant: [Bool]) -> (SpikingTreatment, String) {
    let node = graph[id]
    switch node.operation {
    case .sample:
      return (.encoder, "its levels enter as graded events, at each step only those that changed")
    case .input:
      return (.encoder, "its levels enter once as graded events")
    case .timestep, .classLabel, .parameter, .stepFunction, .sinusoidalEmbedding, .fourierEmbedding, .embedding:
      return (.stepConstant, "depends on the timestep and the class alone")
    case .convolution(let convolution), .depthwise(let convolution):
      var kernel = "\(convolution.kernelHeight)x\(convolution.kernelWidth)"
      if case .depthwise = node.operation { kernel += " depthwise" }
      return sendsLevels(node.inputs[0], in: graph)
        ? (.synapses, "\(kernel) weights, added to the membranes behind it per event")
        : (.synapses, "\(kernel) weights; reads a sum, which an identity neuron must turn into levels first")
    case .transposedConvolution(let convolution):
      return (
        .synapses,
        "\(convolution.kernelHeight)x\(convolution.kernelWidth) transposed weights, added to the membranes behind it per event"
      )
    case .layerNormalization, .rootMeanSquareNormalization:
      return (.tracking, "statistics of each pixel, taken anew from the exact membranes")
    case .nearestCode:
      return (.tracking, "the nearest code, chosen anew from the exact membranes")
    case .channelSlice, .concatenatePixels, .crop, .pad, .reshapePixels, .transposePixels, .broadcast, .depthToSpace, .spaceToDepth:
      return (.passthrough, "events get another place")
    case .resize(let resize):
      return (.passthrough, "each event goes to the pixels that take it (\(resize.method.rawValue))")
    case .groupNormalization(let groups, _, _, _):
      return (.tracking, "statistics of \(groups) groups, taken anew from the exact membranes")
    case .activation(.relu):
      return isLinear(node.inputs[0], in: graph)
        ? (.integrateAndFire, "ReLU of a linear sum: threshold is the level, bias enters once")
        : (.tracking, "ReLU of a value that is not a linear sum of events")
    case .quantizedActivation(_, let levels):
      return isLinear(node.inputs[0], in: graph)
        ? (.integrateAndFire, "ReLU in \(levels) levels of a linear sum: threshold is the level, bias enters once")
        : (.tracking, "ReLU in \(levels) levels of a value that is not a linear sum of events")
    case .spiking(let operation):
      switch operation {
      case .repeated(let steps): return (.encoder, "enters whole at each of \(steps) steps")
      case .integrateAndFire(let threshold):
        return (.integrateAndFire, "trained neurons with threshold \(threshold) and hard reset")
      case .stepFactors: return (.passthrough, "a factor of the step on the membrane")
      case .weightedSum(let weights): return (.passthrough, "a weighted sum over \(weights.count) steps")
      }
    case .activation(let function):
      return (.tracking, "\(function.rawValue) by table, not monotone in the membrane")
    case .add:
      return node.inputs.contains { constant[$0.index] }
        ? (.passthrough, "a constant per channel and step on the membrane")
        : (.passthrough, "both streams add into one membrane")
    case .modulate:
      return (.tracking, "factor and shift of the step live in the neuron's affine map")
    case .scale:
      return (.passthrough, "absorbed in the scale of the events")
    case .multiply:
      return node.inputs.contains { constant[$0.index] }
        ? (.tracking, "the step's factor lives in the neuron's affine map")
        : (.tracking, "a product of two streams is not linear in events")
    case .reciprocal:
      return (.tracking, "1 / x by table, not linear in events")
    case .concatenate:
      return (.passthrough, "events get another channel number")
    case .upsampleNearest:
      return (.passthrough, "each event goes to four pixels")
    case .averagePool:
      return (.passthrough, "a quarter of each event, the membrane keeps the fraction")
    case .attention(let heads, _):
      return (.tracking, "\(heads) heads: products of queries, keys and values, then softmax, are not linear in events")
    }
  }

  /// Whether a normalization is followed by a neuron alone, which then computes both from one membrane.
  private static func isAbsorbed(_ id: NodeID, in graph: Graph, consumers: [[NodeID]]) -> Bool {
    switch graph[id].operation {
    case .groupNormalization, .layerNormalization, .rootMeanSquareNormalization, .modulate: break
    default: return false
    }
    guard let next = consumers[id.index].first, consumers[id.index].count == 1 else { return false }
    switch graph[next].operation {
    case .activation, .quantizedActivation, .modulate: return true
    default: return false
    }
  }

  /// Whether a value arrives as levels that a neuron has sent, possibly through joins and copies.
  private static func sendsLevels(_ id: NodeID, in graph: Graph) -> Bool {
    let node = graph[id]
    switch node.operation {
    case .spiking(.integrateAndFire): return true
    case .sample, .input, .activation, .quantizedActivation, .groupNormalization, .layerNormalization, .rootMeanSquareNormalization,
      .modulate, .multiply,
      .reciprocal, .attention, .nearestCode:
      return true
    case .concatenate, .concatenatePixels: return node.inputs.allSatisfy { sendsLevels($0, in: graph) }
    case .upsampleNearest, .averagePool, .scale, .channelSlice, .crop, .pad, .reshapePixels, .transposePixels, .depthToSpace,
      .spaceToDepth, .resize:
      return sendsLevels(node.inputs[0], in: graph)
    default: return false
    }
  }

  /// Whether a value is a weighted sum of events and constants.
  private static func isLinear(_ id: NodeID, in graph: Graph) -> Bool {
    switch graph[id].operation {
    case .convolution, .depthwise, .transposedConvolution, .add, .concatenate, .upsampleNearest, .averagePool, .scale,
      .channelSlice,
      .concatenatePixels, .crop, .pad, .reshapePixels, .transposePixels, .depthToSpace, .spaceToDepth, .resize:
      true
    default: false
    }
  }
}
