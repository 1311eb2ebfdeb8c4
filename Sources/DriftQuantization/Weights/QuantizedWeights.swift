import DriftGraph

/// A convolution's weights in 8 bits: real = scale[output] * value.
struct QuantizedWeights: Sendable {
  var outputs: Int
  var inputs: Int
  var taps: Int
  /// [outputs][inputs][taps], each in [-127, 127].
  var values: [Int8]
  /// Per output channel.
  var scales: [Float]
  /// What rounding takes from each output channel's mean: add it to the bias (bias correction).
  var biasCorrection: [Float]
}
