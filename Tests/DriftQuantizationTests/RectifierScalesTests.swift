import DriftCalibration
import DriftGraph
import DriftQuantization
import DriftReference
import Testing

/// Scales of their own for the channels of ReLUs that are read in few levels.
@Suite struct RectifierScalesTests {
  enum Kind: CaseIterable { case alone, withTime, enlarged, shared, sum }

  /// A ReLU whose channels differ in range by a factor of sixteen, read by a convolution whose weights make up for it.
  private func uneven(_ kind: Kind) throws -> RandomDenoiser {
    var d = RandomDenoiser(seed: 12)
    let size = kind == .enlarged ? 4 : 8
    let x = try d.sample(Shape(channels: 2, height: 8, width: 8))
    let ranges = (0..<16).map { Float(1 << ($0 % 5)) / 4 }
    var h = try d.convolution(x, 16, stride: 8 / size, name: "in")
    d.graph.parameters["in.weight"]?.scale(rows: ranges)
    d.graph.parameters["in.bias"]?.scale(rows: ranges)
    switch kind {
    case .withTime:
      let vector = try d.timeVector(16, name: "time")
      h = try d.append(.add, h, vector, name: "shifted")
    case .sum: h = try d.append(.add, h, try d.convolution(x, 16, name: "other"), name: "sum")
    default: break
    }
    let r = try d.append(.activation(.relu), h, name: "relu")
    let read = kind == .enlarged ? try d.append(.upsampleNearest, r, name: "enlarged") : r
    var c = try d.convolution(read, 16, name: "conv")
    d.graph.parameters["conv.weight"]?.divide(inputs: ranges)
    if kind == .shared { c = try d.append(.add, r, c, name: "rest") }
    _ = try d.convolution(c, 2, name: "out")
    return d
  }

  private func scaled(_ d: RandomDenoiser, levels: Int) throws -> Graph {
    let checkpoint = d.checkpoint(), plan = try checkpoint.plan(steps: 4)
    return try d.graph.scalingRectifiers(levels: OperandLevels(levels)) {
      try ChannelHistograms.measure($0, of: checkpoint, plan: plan, samples: 4, options: CalibrationOptions())
    }
  }

  @Test(arguments: Kind.allCases) func theFunctionStaysTheSame(_ kind: Kind) throws {
    let d = try uneven(kind)
    let graph = try scaled(d, levels: 15)
    #expect(graph.parameters["conv.weight"]?.values != d.graph.parameters["conv.weight"]?.values)
    let x = (0..<128).map { Float(($0 * 37) % 64) / 32 - 1 }
    for timestep in [500, 20] as [Float] {
      let before = try FloatDenoiser(d.graph).evaluate(x: x, timestep: timestep)
      let after = try FloatDenoiser(graph).evaluate(x: x, timestep: timestep)
      let error = zip(before, after).map { abs($0 - $1) }.max() ?? .infinity
      #expect(error <= 1e-4 * (before.map { abs($0) }.max() ?? 0))
    }
  }

  @Test func factorsGoIntoTheConvolutionBeforeWhereNothingElseReadsIt() throws {
    for kind in [Kind.alone, .withTime, .enlarged] {
      let d = try uneven(kind)
      #expect(try scaled(d, levels: 15).parameters["in.weight"]?.values != d.graph.parameters["in.weight"]?.values)
    }
    for kind in [Kind.shared, .sum] {
      let d = try uneven(kind)
      #expect(try scaled(d, levels: 15).parameters["in.weight"]?.values == d.graph.parameters["in.weight"]?.values)
    }
  }

  @Test(arguments: Kind.allCases) func smallChannelsSurviveInFewLevels(_ kind: Kind) throws {
    let d = try uneven(kind)
    // 31 levels are the most with which channels have scales of their own.
    let means = try [31, 32].map { levels in
      let options = ConversionOptions(steps: 4, calibrationSamples: 16, levels: levels)
      let (_, report) = try Converter(checkpoint: d.checkpoint(), options: options).convert()
      return report.validationSQNR.reduce(0, +) / 4
    }
    #expect(means[0] > means[1] + 3, "\(kind): \(means) dB")
  }
}

extension Parameter {
  /// Multiplies all values of each entry of the first dimension.
  fileprivate mutating func scale(rows factors: [Float]) {
    let length = values.count / factors.count
    for index in values.indices { values[index] *= factors[index / length] }
  }
}
