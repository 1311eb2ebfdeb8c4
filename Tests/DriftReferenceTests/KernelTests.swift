import DriftGraph
import DriftReference
import Foundation
import Testing

/// Single operations against plain loops in double precision, at shapes that the models in this repository do not reach.
@Suite struct KernelTests {
  /// Values that look random and are the same every time.
  private func values(_ count: Int, _ seed: Int, around center: Float = 0) -> [Float] {
    (0..<count).map { center + Float(sin(Double($0 * 7919 + seed * 104_729) * 0.7) * cos(Double($0 + seed))) }
  }

  private func run(
    _ operation: DriftGraph.Operation, _ x: [Float], _ shape: Shape, _ parameters: [String: Parameter] = [:], inputs: Int = 1
  )
    throws -> [Float]
  {
    var graph = Graph(parameters: parameters)
    let sample = try graph.append(.sample, name: "x", shape: shape)
    try graph.append(operation, Array(repeating: sample, count: inputs), name: "node")
    return try FloatDenoiser(graph).evaluate(x: x, timestep: 0)
  }

  struct Case: Sendable, CustomTestStringConvertible {
    var height: Int, width: Int, kernel: Int, stride: Int
    /// Top, left, bottom, right.
    var padding: [Int]

    var testDescription: String { "\(height)x\(width), kernel \(kernel), stride \(stride), padding \(padding)" }
  }

  private static let cases = [
    Case(height: 5, width: 7, kernel: 3, stride: 1, padding: [1, 1, 1, 1]),
    Case(height: 5, width: 7, kernel: 3, stride: 1, padding: [0, 2, 1, 0]),
    Case(height: 5, width: 7, kernel: 3, stride: 1, padding: [2, 0, 0, 2]),
    Case(height: 5, width: 7, kernel: 3, stride: 2, padding: [0, 0, 1, 1]),
    Case(height: 6, width: 9, kernel: 4, stride: 3, padding: [2, 1, 3, 2]),
    Case(height: 2, width: 2, kernel: 5, stride: 1, padding: [2, 2, 2, 2]),
    Case(height: 1, width: 1, kernel: 7, stride: 1, padding: [3, 3, 3, 3]),
    Case(height: 4, width: 4, kernel: 4, stride: 1, padding: [0, 0, 0, 0]),
    Case(height: 4, width: 6, kernel: 1, stride: 2, padding: [0, 0, 0, 0]),
    Case(height: 90, width: 100, kernel: 3, stride: 1, padding: [1, 1, 1, 1]),
  ]

  @Test(arguments: cases)
  func `convolutions sum what their taps meet`(_ size: Case) throws {
    let (inputs, outputs, k) = (6, 3, size.kernel)
    let shape = Shape(channels: inputs, height: size.height, width: size.width)
    let (x, weights, bias) = (values(shape.count, 1), values(outputs * inputs * k * k, 2), values(outputs, 3))
    let (top, left, bottom, right) = (size.padding[0], size.padding[1], size.padding[2], size.padding[3])
    let convolution = Convolution(
      weight: "w", bias: "b", kernel: k, stride: size.stride, padTop: top, padLeft: left, padBottom: bottom, padRight: right)
    let found = try run(
      .convolution(convolution), x, shape,
      ["w": Parameter(shape: [outputs, inputs, k, k], values: weights), "b": Parameter(shape: [outputs], values: bias)])

    var expected: [Float] = []
    for o in 0..<outputs {
      for y in 0...(size.height + top + bottom - k) / size.stride {
        for z in 0...(size.width + left + right - k) / size.stride {
          var sum = Double(bias[o])
          for i in 0..<inputs {
            for ky in 0..<k {
              for kx in 0..<k {
                let (iy, ix) = (y * size.stride + ky - top, z * size.stride + kx - left)
                guard (0..<size.height).contains(iy), (0..<size.width).contains(ix) else { continue }
                sum += Double(x[(i * size.height + iy) * size.width + ix]) * Double(weights[((o * inputs + i) * k + ky) * k + kx])
              }
            }
          }
          expected.append(Float(sum))
        }
      }
    }
    try #require(found.count == expected.count)
    #expect(Measures.sqnr(expected, found) > 120)
  }

  @Test(arguments: cases)
  func `depthwise convolutions sum what their taps meet in one channel`(_ size: Case) throws {
    let (channels, k) = (5, size.kernel)
    let shape = Shape(channels: channels, height: size.height, width: size.width)
    let (x, weights, bias) = (values(shape.count, 1), values(channels * k * k, 2), values(channels, 3))
    let (top, left, bottom, right) = (size.padding[0], size.padding[1], size.padding[2], size.padding[3])
    let convolution = Convolution(
      weight: "w", bias: "b", kernel: k, stride: size.stride, padTop: top, padLeft: left, padBottom: bottom, padRight: right)
    let found = try run(
      .depthwise(convolution), x, shape,
      ["w": Parameter(shape: [channels, 1, k, k], values: weights), "b": Parameter(shape: [channels], values: bias)])
    var expected: [Float] = []
    for c in 0..<channels {
      for y in 0...(size.height + top + bottom - k) / size.stride {
        for z in 0...(size.width + left + right - k) / size.stride {
          var sum = Double(bias[c])
          for tap in 0..<k * k {
            let (iy, ix) = (y * size.stride + tap / k - top, z * size.stride + tap % k - left)
            guard (0..<size.height).contains(iy), (0..<size.width).contains(ix) else { continue }
            sum += Double(x[(c * size.height + iy) * size.width + ix]) * Double(weights[c * k * k + tap])
          }
          expected.append(Float(sum))
        }
      }
    }
    try #require(found.count == expected.count)
    #expect(Measures.sqnr(expected, found) > 120)
  }

  @Test func `attention over many tokens is taken in blocks without a seam`() throws {
    let shape = Shape(channels: 4, height: 33, width: 32)
    let (x, tokens, heads) = (values(shape.count, 4), shape.pixels, 2)
    let found = try run(.attention(heads: heads, factor: 0.7), x, shape, inputs: 3)
    var expected = [Float](repeating: 0, count: shape.count)
    for head in 0..<heads {
      let rows = [2 * head, 2 * head + 1]
      for query in stride(from: 0, to: tokens, by: 37) {
        let weights = (0..<tokens).map { key in
          exp(0.7 * rows.reduce(0.0) { $0 + Double(x[$1 * tokens + query]) * Double(x[$1 * tokens + key]) })
        }
        let sum = weights.reduce(0, +)
        for row in rows {
          let mean = (0..<tokens).reduce(0.0) { $0 + weights[$1] * Double(x[row * tokens + $1]) } / sum
          expected[row * tokens + query] = Float(mean)
          #expect(abs(found[row * tokens + query] - Float(mean)) < 1e-6)
        }
      }
    }
    #expect(expected.contains { $0 != 0 })
  }

  @Test func `normalization holds where the mean is large against the deviation`() throws {
    let shape = Shape(channels: 4, height: 5, width: 3)
    let x = values(shape.count, 5, around: 300)
    let (gamma, beta) = (values(4, 6), values(4, 7))
    let found = try run(
      .groupNormalization(groups: 2, epsilon: 1e-5, gamma: "g", beta: "b"), x, shape,
      ["g": Parameter(shape: [4], values: gamma), "b": Parameter(shape: [4], values: beta)])
    var expected: [Float] = []
    for group in 0..<2 {
      let part = x[group * 30..<(group + 1) * 30].map(Double.init)
      let mean = part.reduce(0, +) / 30
      let deviation = (part.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 30 + 1e-5).squareRoot()
      for (i, value) in part.enumerated() {
        let channel = group * 2 + i / 15
        expected.append(Float((value - mean) / deviation * Double(gamma[channel]) + Double(beta[channel])))
      }
    }
    #expect(Measures.sqnr(expected, found) > 80)
  }

  @Test(arguments: Activation.allCases)
  func `activations follow their formula over the whole range`(_ activation: Activation) throws {
    // Not a multiple of eight, so that the rest is met too.
    let x = (0..<2003).map { (Float($0) - 1001) * 0.1 } + [0, -1e30, 1e30]
    let found = try run(.activation(activation), x, Shape(channels: x.count))
    for (value, result) in zip(x, found) where abs(value) < 1000 {
      let expected = activation(Double(value))
      let tolerance = 4e-7 * abs(expected) + 1e-35
      #expect(abs(Double(result) - expected) <= tolerance, "\(activation) of \(value)")
    }
    #expect(found.last == (activation.saturates ? 1 : 1e30))
    #expect(abs(found[found.count - 2] - (activation == .tanh || activation == .elu ? -1 : 0)) < 1e-6)
  }

  @Test func `pooling drops the odd row and column, enlarging repeats`() throws {
    let x: [Float] = [1, 2, 9, 3, 4, 9, 9, 9, 9]
    #expect(try run(.averagePool, x, Shape(channels: 1, height: 3, width: 3)) == [2.5])
    #expect(
      try run(.upsampleNearest, [1, 2, 3, 4], Shape(channels: 2, height: 1, width: 2)) == [
        1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4,
      ])
  }
}
