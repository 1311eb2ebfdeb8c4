import Foundation

extension KernelCall {
  /// Rounds to single precision where PyTorch does: the angles reach hundreds of radians, so their rounding shows in the result.
  func sinusoidalEmbedding(_ timestep: Float, _ dimension: Int, _ shift: Float, _ cosineFirst: Bool, _ maximumPeriod: Float) {
    let half = dimension / 2
    let rate = Float(-log(Double(maximumPeriod)))
    let (sines, cosines) = cosineFirst ? (half, 0) : (0, half)
    for i in 0..<half {
      let angle = timestep * exp(rate * Float(i) / (Float(half) - shift))
      out[sines + i] = sin(angle)
      out[cosines + i] = cos(angle)
    }
    // An odd dimension ends with a zero.
    if dimension > 2 * half { out[dimension - 1] = 0 }
  }

  func fourierEmbedding(_ timestep: Float, _ weights: [Float], _ logarithm: Bool, _ cosineFirst: Bool) {
    let position = logarithm ? log(timestep) : timestep
    let (sines, cosines) = cosineFirst ? (weights.count, 0) : (0, weights.count)
    for (i, weight) in weights.enumerated() {
      let angle = position * weight * 2 * Float.pi
      out[sines + i] = sin(angle)
      out[cosines + i] = cos(angle)
    }
  }

  func embeddingRow(_ row: Int, _ table: [Float]) {
    let width = node.shape.channels
    for i in 0..<width { out[i] = table[row * width + i] }
  }

  /// A function that does not give as many values as the node has counts as undefined there.
  func stepFunction(_ name: String) {
    let values = graph.stepFunctions[name]?.evaluate(inputs.timestep, inputs.classLabel) ?? []
    if values.count == node.shape.count {
      out.update(from: values, count: values.count)
    } else {
      out.update(repeating: .nan, count: node.shape.count)
    }
  }
}
