import DriftCalibration
import DriftGraph
import DriftReference
import Foundation

extension LoweredProgram {
  /// What calibration has to look at.
  var calibrationTargets: CalibrationTargets {
    CalibrationTargets(
      operands: operandNodes, countsByPower: tensors.contains { $0.levels?.areFew == true }, trunk: sixteenBitNodes,
      channelMoments: convolutionInputs)
  }

  /// Nodes whose values go into the step table.
  var stepNodes: Set<NodeID> {
    Set(
      operators.flatMap { op -> [NodeID?] in
        switch op.kind {
        case .convolution(let layer): [layer.stepVector, layer.gate]
        case .normalize(let layer): [layer.modulation]
        case .activate(let layer): [layer.shift, layer.gate]
        default: []
        }
      }.compactMap { $0 })
  }

  /// Convolutions, in the order in which they run.
  var convolutions: [(name: String, layer: LoweredConvolution, output: Int)] {
    operators.compactMap { op in
      if case .convolution(let layer) = op.kind { (op.name, layer, op.output) } else { nil }
    }
  }

  /// The weights that a convolution multiplies by.
  private func weight(of layer: LoweredConvolution) -> Parameter? {
    let trained = graph.parameters[layer.convolution.weight]
    return layer.upsample == .phases ? trained?.phases : trained
  }

  /// 8-bit weights of every convolution, by the name of the weight parameter.
  func quantizeWeights(_ statistics: CalibrationStatistics) -> [String: QuantizedWeights] {
    var result: [String: QuantizedWeights] = [:]
    for (_, layer, _) in convolutions {
      guard let weight = weight(of: layer) else { continue }
      let moments = statistics.channels[tensors[layer.input].node] ?? ChannelMoments(channels: tensors[layer.input].shape.channels)
      let quantizer = WeightQuantizer(inputMeans: moments.means, inputMeanSquares: moments.meanSquares)
      result[layer.convolution.weight] = quantizer.quantize(weight, isDepthwise: layer.isDepthwise)
    }
    return result
  }

  /// Factor of the denoiser's answer at each step.
  func outputScales(_ denoiser: FloatDenoiser, plan: SamplerPlan) throws -> [Float] {
    guard let node = outputScale else { return [Float](repeating: 1, count: plan.steps.count) }
    return try plan.steps.map { step in
      let values = try denoiser.evaluateTimePart(timestep: step.timestep, classLabel: graph.classCount > 0 ? 0 : nil)
      return values[node]?.first ?? 1
    }
  }

  /// The report's account of every convolution.
  func layers(
    scales: ActivationScales, weights: [String: QuantizedWeights], statistics: CalibrationStatistics
  ) -> [ConversionReport.Layer] {
    convolutions.map { name, layer, output in
      let weight = weight(of: layer)
      let shape = weight?.shape ?? []
      let input = tensors[layer.input]
      return ConversionReport.Layer(
        name: name, shape: shape,
        multiplyAdds: shape.reduce(1, *) * tensors[output].shape.pixels / (layer.upsample == .phases ? 4 : 1),
        activationBits: input.representation == .pair ? 16 : 8,
        weightSQNR: weight.flatMap { weights[layer.convolution.weight]?.signalToNoise(of: $0) } ?? 0,
        operandSQNR: operandSQNR(layer.input, scales: scales, statistics: statistics))
    }
  }

  private func operandSQNR(_ tensor: Int, scales: ActivationScales, statistics: CalibrationStatistics) -> Double {
    guard let levels = tensors[tensor].levels else {
      // Sixteen bits, of which one is headroom: the histograms are not kept.
      return 6.02 * 14 + 1.76
    }
    let groupOfStep = scales.grouping.groupOfStep
    var ratios: [Double] = []
    for (segment, occurrences) in (statistics.operands[tensors[tensor].node] ?? []).enumerated() {
      let moments = ClippingMoments(weighted: occurrences.parts())
      let range = scales.ranges[groupOfStep[statistics.segments[segment].lowerBound]][tensor]
      let error = range.meanSquaredError(moments, levels)
      ratios.append(10 * log10(max(moments.power, .leastNormalMagnitude) / max(error, .leastNormalMagnitude)))
    }
    return ratios.isEmpty ? 0 : ratios.reduce(0, +) / Double(ratios.count)
  }
}

extension QuantizedWeights {
  /// Power of the weights over power of their rounding error, in dB.
  func signalToNoise(of weight: Parameter) -> Double {
    var signal = 0.0
    var noise = 0.0
    let row = inputs * taps
    for (index, value) in weight.values.enumerated() {
      let difference = Double(value) - Double(scales[index / row]) * Double(values[index])
      signal += Double(value) * Double(value)
      noise += difference * difference
    }
    return 10 * log10(max(signal, .leastNormalMagnitude) / max(noise, .leastNormalMagnitude))
  }
}
