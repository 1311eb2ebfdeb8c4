import DriftCalibration
import DriftGraph
import DriftReference

/// The integer program that makes pictures of the last state, with everything that its operators need.
struct DecoderProgram {
  /// What names of its operators begin with.
  static let prefix = "decoder."

  var program: LoweredProgram
  /// Of one step group.
  var scales: ActivationScales
  /// By the name of the weight parameter.
  var weights: [String: QuantizedWeights]
  var stored: StoredValues
  /// What the choices were made from.
  var statistics: CalibrationStatistics

  /// Chooses scales and weights.
  /// - Parameter plan: a decoder belongs to no step; the values that it stores are the same at all.
  init(_ program: LoweredProgram, statistics: CalibrationStatistics, plan: SamplerPlan) throws {
    self.program = program
    self.statistics = statistics
    scales = program.chooseScales(statistics, groups: .count(1), weighting: .uniform)
    weights = program.quantizeWeights(statistics)
    stored = try StoredValues(program, denoiser: FloatDenoiser(program.graph), plan: plan)
  }

  /// The report's account of every convolution.
  var layers: [ConversionReport.Layer] {
    program.layers(scales: scales, weights: weights, statistics: statistics).map { layer in
      var layer = layer
      if !layer.name.hasPrefix(Self.prefix) { layer.name = Self.prefix + layer.name }
      return layer
    }
  }
}
