import Foundation

/// How much each sampler step counts when steps share a scale.
public enum CalibrationWeighting: String, Sendable, CaseIterable {
  /// All the same.
  case uniform
  /// Normally distributed timestep calibration (PTQ4DM, section 3.3): a normal distribution over the steps with its mean nearer to the clean end.
  case ndtc

  /// Weights of `steps` steps, noisiest first, with mean 1.
  public func weights(steps: Int) -> [Double] {
    switch self {
    case .uniform: return [Double](repeating: 1, count: steps)
    case .ndtc:
      // PTQ4DM draws t from N(0.4 T, (0.4 T)^2) and clamps it to the schedule: the tails' mass falls on the first and the last step.
      let count = Double(steps)
      func cumulative(_ t: Double) -> Double { 0.5 * erfc((0.4 - t) / (0.4 * 2.0.squareRoot())) }
      return (0..<steps).map { step in
        let t = steps - 1 - step
        let low = t == 0 ? 0 : cumulative(Double(t) / count)
        let high = t == steps - 1 ? 1 : cumulative(Double(t + 1) / count)
        return (high - low) * count
      }
    }
  }
}
