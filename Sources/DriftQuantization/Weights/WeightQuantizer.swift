import DriftGraph

/// Chooses a scale per output channel by least squared output error, with each input channel weighted by its mean square (the diagonal of
/// the layer's Hessian), and measures the shift of the mean that remains.
struct WeightQuantizer {
  /// Mean of each input channel over calibration.
  var inputMeans: [Double]
  /// Mean square of each input channel over calibration.
  var inputMeanSquares: [Double]

  /// Ratios of a channel's greatest weight that are tried as the end of its range.
  private static let ratios = stride(from: 1.0, through: 0.5, by: -0.01).map { Float($0) }

  /// - Parameter isDepthwise: output channel o reads input channel o alone.
  func quantize(_ weight: Parameter, isDepthwise: Bool = false) -> QuantizedWeights {
    let outputs = weight.shape[0]
    let inputs = weight.shape[1]
    let taps = weight.shape[2] * weight.shape[3]
    var result = QuantizedWeights(
      outputs: outputs, inputs: inputs, taps: taps, values: [], scales: [], biasCorrection: [])
    result.values.reserveCapacity(weight.values.count)
    for output in 0..<outputs {
      let row = weight.values[output * inputs * taps..<(output + 1) * inputs * taps]
      let first = isDepthwise ? output : 0
      let scale = bestScale(row, taps: taps, firstInput: first)
      var shift = 0.0
      for (index, value) in row.enumerated() {
        let q = Self.round(value, scale)
        result.values.append(q)
        shift += Double(value - scale * Float(q)) * inputMeans[first + index / taps]
      }
      result.scales.append(scale)
      result.biasCorrection.append(Float(shift))
    }
    return result
  }

  private static func round(_ value: Float, _ scale: Float) -> Int8 {
    Int8(min(max((value / scale).rounded(.toNearestOrEven), -127), 127))
  }

  private func bestScale(_ row: ArraySlice<Float>, taps: Int, firstInput: Int) -> Float {
    let greatest = row.reduce(0) { max($0, abs($1)) }
    guard greatest > 0 else { return 1 }
    // Inputs that calibration never saw move still count a little, so that their weights stay near what was trained.
    let floor = (inputMeanSquares.max() ?? 0) * 1e-6 + 1e-12
    var best: (scale: Float, error: Double) = (greatest / 127, .infinity)
    for ratio in Self.ratios {
      let scale = max(greatest * ratio / 127, 0x1p-40)
      var error = 0.0
      for (index, value) in row.enumerated() {
        let difference = Double(value - scale * Float(Self.round(value, scale)))
        error += difference * difference * (inputMeanSquares[firstInput + index / taps] + floor)
        if error >= best.error { break }
      }
      if error < best.error { best = (scale, error) }
    }
    return best.scale
  }
}
