/// One sample, seen by both sides.
struct SampleComparison: Sendable {
  /// Noise prediction at each step of the float trajectory.
  var noise: [ErrorPower] = []
  /// Next state from each state of the float trajectory.
  var update: [ErrorPower] = []
  /// The float side's picture.
  var floatPicture: [Float] = []
  /// The integer side's picture from the same noise, walking alone.
  var integerPicture: [Float] = []
}
