import DriftCalibration
import DriftGraph
import DriftQuantization
import DriftReference
import Testing

/// Channels of a normalization, moved towards one range where convolutions read them.
@Suite struct BalancingTests {
  /// A normalization whose channels differ in range by a factor of a thousand, read by convolutions whose weights make up for it.
  private func unbalanced(_ kind: Kind) throws -> RandomDenoiser {
    var d = RandomDenoiser(seed: 11)
    let x = try d.sample(Shape(channels: 2, height: 8, width: 8))
    let h = try d.convolution(x, 16, name: "in")
    let ranges = (0..<16).map { Float(1 << ($0 % 11)) / 32 }
    d.graph.parameters["gamma"] = Parameter(shape: [16], values: ranges)
    d.graph.parameters["beta"] = Parameter(shape: [16], values: ranges.map { $0 * d.next() })
    let operation: DriftGraph.Operation =
      switch kind {
      case .group, .shared: .groupNormalization(groups: 4, epsilon: 1e-5, gamma: "gamma", beta: "beta")
      case .layer: .layerNormalization(epsilon: 1e-5, gamma: "gamma", beta: "beta")
      case .rootMeanSquare: .rootMeanSquareNormalization(epsilon: 1e-5, gamma: "gamma")
      }
    let n = try d.append(operation, h, name: "norm")
    var c = try d.convolution(n, 16, name: "conv")
    d.graph.parameters["conv.weight"]?.divide(inputs: ranges)
    if kind == .shared { c = try d.append(.add, n, c, name: "sum") }
    _ = try d.convolution(c, 2, name: "out")
    return d
  }

  enum Kind: CaseIterable { case group, layer, rootMeanSquare, shared }

  private func balanced(_ d: RandomDenoiser) throws -> Graph {
    let checkpoint = d.checkpoint(), plan = try checkpoint.plan(steps: 4)
    return try d.graph.balancingNormalizations {
      try ChannelRanges.measure($0, of: checkpoint, plan: plan, samples: 2, options: CalibrationOptions())
    }
  }

  @Test(arguments: Kind.allCases) func theFunctionStaysTheSame(_ kind: Kind) throws {
    let d = try unbalanced(kind)
    let graph = try balanced(d)
    let isChanged = graph.parameters["conv.weight"]?.values != d.graph.parameters["conv.weight"]?.values
    #expect(isChanged)
    #expect(graph.nodes.count == d.graph.nodes.count + (kind == .shared ? 1 : 0))
    let x = (0..<128).map { Float(($0 * 37) % 64) / 32 - 1 }
    let before = try FloatDenoiser(d.graph).evaluate(x: x, timestep: 500)
    let after = try FloatDenoiser(graph).evaluate(x: x, timestep: 500)
    let error = zip(before, after).map { abs($0 - $1) }.max() ?? .infinity
    #expect(error <= 1e-4 * (before.map { abs($0) }.max() ?? 0))
  }

  @Test(arguments: [Kind.group, .layer, .rootMeanSquare]) func smallChannelsSurviveInInt8(_ kind: Kind) throws {
    let options = ConversionOptions(steps: 4, calibrationSamples: 32)
    let (_, report) = try Converter(checkpoint: try unbalanced(kind).checkpoint(), options: options).convert()
    // Under one scale for all, the small channels round to nothing: 1 to 2 dB.
    #expect(report.validationSQNR.min() ?? 0 > 30)
  }

  @Test func channelsThatAreAlikeAreLeftAlone() throws {
    var d = RandomDenoiser(seed: 12)
    let h = try d.convolution(try d.sample(Shape(channels: 2, height: 8, width: 8)), 16, name: "in")
    _ = try d.convolution(try d.normalization(h, name: "norm"), 2, name: "out")
    let graph = try balanced(d)
    #expect(graph.parameters["out.weight"]?.values == d.graph.parameters["out.weight"]?.values)
    #expect(graph.parameters["norm.gamma"]?.values == d.graph.parameters["norm.gamma"]?.values)
  }
}

extension Parameter {
  mutating func divide(inputs factors: [Float]) {
    let taps = shape[2] * shape[3]
    for index in values.indices { values[index] /= factors[index / taps % factors.count] }
  }
}
