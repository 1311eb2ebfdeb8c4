import DriftGraph
import DriftSpiking
import Testing

@Suite("Spiking convertibility")
struct SpikingConvertibilityTests {
  private func weights(_ outputs: Int, _ inputs: Int, kernel: Int = 1) -> Parameter {
    Parameter(shape: [outputs, inputs, kernel, kernel], values: [Float](repeating: 0.1, count: outputs * inputs * kernel * kernel))
  }

  private func vector(_ count: Int) -> Parameter { Parameter(shape: [count], values: [Float](repeating: 1, count: count)) }

  /// sample -> convolution (+ a time embedding) -> activation -> convolution; a shortcut convolution reads the sum.
  private func graph(_ activation: Activation) throws -> Graph {
    var graph = Graph(parameters: [
      "in": weights(4, 1, kernel: 3), "time": weights(4, 8), "out": weights(4, 4), "short": weights(1, 4),
    ])
    let sample = try graph.append(.sample, name: "sample", shape: Shape(channels: 1, height: 8, width: 8))
    let timestep = try graph.append(.timestep, name: "timestep")
    let embedding = try graph.append(
      .sinusoidalEmbedding(dimension: 8, frequencyShift: 0, cosineFirst: false, maximumPeriod: 10000), [timestep], name: "embedding"
    )
    let time = try graph.append(.convolution(Convolution(weight: "time", bias: nil)), [embedding], name: "time")
    let first = try graph.append(
      .convolution(Convolution(weight: "in", bias: nil, kernel: 3, padTop: 1, padLeft: 1, padBottom: 1, padRight: 1)), [sample],
      name: "in")
    let shifted = try graph.append(.add, [first, time], name: "shifted")
    let fired = try graph.append(.activation(activation), [shifted], name: "fired")
    let out = try graph.append(.convolution(Convolution(weight: "out", bias: nil)), [fired], name: "out")
    let sum = try graph.append(.add, [out, first], name: "sum")
    try graph.append(.convolution(Convolution(weight: "short", bias: nil)), [sum], name: "short")
    return graph
  }

  private func treatments(_ graph: Graph) -> [String: SpikingTreatment] {
    Dictionary(uniqueKeysWithValues: SpikingConvertibility(of: graph).entries.map { ($0.name, $0.treatment) })
  }

  @Test("ReLU behind a convolution with a time bias is integrate and fire; nothing needs tracking")
  func relu() throws {
    let graph = try graph(.relu)
    let found = treatments(graph)
    #expect(found["fired"] == .integrateAndFire)
    #expect(found["sample"] == .encoder)
    #expect(["timestep", "embedding", "time"].allSatisfy { found[$0] == .stepConstant })
    #expect(["in", "out", "short"].allSatisfy { found[$0] == .synapses })
    #expect(["shifted", "sum"].allSatisfy { found[$0] == .passthrough })
    let analysis = SpikingConvertibility(of: graph)
    #expect(!analysis.needsTracking)
    #expect(analysis.neurons == 64 + 4 * 64)
    #expect(analysis.trackingNeurons == 0)
  }

  @Test("Every other activation needs a tracking neuron", arguments: [Activation.silu, .gelu, .mish])
  func smooth(activation: Activation) throws {
    let graph = try graph(activation)
    #expect(treatments(graph)["fired"] == .tracking)
    #expect(SpikingConvertibility(of: graph).trackingNeurons == 4 * 64)
  }

  @Test("A neuron behind a normalization absorbs it, and is tracking even for ReLU; attention is tracking too")
  func normalization() throws {
    var graph = Graph(parameters: ["gamma": vector(4), "beta": vector(4)])
    let sample = try graph.append(.sample, name: "sample", shape: Shape(channels: 4, height: 4, width: 4))
    let norm = try graph.append(.groupNormalization(groups: 2, epsilon: 1e-5, gamma: "gamma", beta: "beta"), [sample], name: "norm")
    let relu = try graph.append(.activation(.relu), [norm], name: "relu")
    try graph.append(.attention(heads: 2, factor: 0.5), [relu, relu, relu], name: "attention")
    let found = treatments(graph)
    #expect(found["norm"] == .absorbed)
    #expect(["relu", "attention"].allSatisfy { found[$0] == .tracking })
  }

  @Test("A normalization that a convolution reads is a tracking neuron of its own")
  func normalizationAlone() throws {
    var graph = Graph(parameters: ["gamma": vector(4), "beta": vector(4), "out": weights(2, 4)])
    let sample = try graph.append(.sample, name: "sample", shape: Shape(channels: 4, height: 4, width: 4))
    let norm = try graph.append(.groupNormalization(groups: 2, epsilon: 1e-5, gamma: "gamma", beta: "beta"), [sample], name: "norm")
    try graph.append(.convolution(Convolution(weight: "out", bias: nil)), [norm], name: "out")
    #expect(treatments(graph)["norm"] == .tracking)
  }

  @Test("A depthwise convolution is synapses, and ReLU behind it is integrate and fire")
  func depthwise() throws {
    var graph = Graph(parameters: ["w": weights(4, 1, kernel: 3)])
    let sample = try graph.append(.sample, name: "sample", shape: Shape(channels: 4, height: 4, width: 4))
    let depthwise = try graph.append(.depthwise(Convolution(weight: "w", bias: nil, kernel: 3)), [sample], name: "depthwise")
    try graph.append(.activation(.relu), [depthwise], name: "fired")
    let found = treatments(graph)
    #expect(found["depthwise"] == .synapses)
    #expect(found["fired"] == .integrateAndFire)
    #expect(SpikingConvertibility(of: graph).entries[1].reason.contains("3x3 depthwise"))
  }

  @Test("A convolution that reads a sum says that an encoder is missing")
  func sums() throws {
    let entries = SpikingConvertibility(of: try graph(.relu)).entries
    let direct = try #require(entries.first { $0.name == "out" }), shortcut = try #require(entries.first { $0.name == "short" })
    #expect(!direct.reason.contains("identity neuron"))
    #expect(shortcut.reason.contains("identity neuron"))
  }

  @Test("The listing has a line per node and the totals")
  func listing() throws {
    let analysis = SpikingConvertibility(of: try graph(.silu))
    let lines = analysis.listing().split(separator: "\n")
    #expect(lines.count == analysis.entries.count + 2)
    #expect(lines[6].hasPrefix("fired") && lines[6].contains("tracking neuron"))
    #expect(lines.last == "320 neurons, 256 of them tracking")
  }

  @Test("A network trained with spiking neurons keeps them; its repeated sample and its sums over steps are no neurons")
  func trained() throws {
    var graph = Graph(parameters: ["in": weights(4, 1, kernel: 3), "out": weights(1, 4), "factors": vector(2)])
    let sample = try graph.append(.sample, name: "sample", shape: Shape(channels: 1, height: 8, width: 8))
    let steps = try graph.append(.spiking(.repeated(steps: 2)), [sample], name: "repeat")
    let first = try graph.append(
      .convolution(Convolution(weight: "in", bias: nil, kernel: 3, padTop: 1, padLeft: 1, padBottom: 1, padRight: 1)), [steps],
      name: "in")
    let scaled = try graph.append(.spiking(.stepFactors("factors")), [first], name: "factors")
    let fired = try graph.append(.spiking(.integrateAndFire(threshold: 1)), [scaled], name: "fired")
    let out = try graph.append(.convolution(Convolution(weight: "out", bias: nil)), [fired], name: "out")
    try graph.append(.spiking(.weightedSum([0.8, 1])), [out], name: "sum")
    let found = treatments(graph)
    #expect(found["fired"] == .integrateAndFire)
    #expect(found["factors"] == .passthrough && found["sum"] == .passthrough)
    #expect(!SpikingConvertibility(of: graph).needsTracking)
    #expect(SpikingConvertibility(of: graph).listing().contains("threshold 1.0 and hard reset"))
  }

  @Test("ReLU in levels behind a sum is integrate and fire")
  func quantized() throws {
    var graph = Graph(parameters: ["in": weights(4, 1, kernel: 3)])
    let sample = try graph.append(.sample, name: "sample", shape: Shape(channels: 1, height: 8, width: 8))
    let first = try graph.append(.convolution(Convolution(weight: "in", bias: nil, kernel: 3)), [sample], name: "in")
    try graph.append(.quantizedActivation(range: 2, levels: 7), [first], name: "fired")
    #expect(treatments(graph)["fired"] == .integrateAndFire)
    #expect(SpikingConvertibility(of: graph).neurons == 64 + 4 * 36)
  }
}
