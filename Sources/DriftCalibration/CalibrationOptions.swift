/// What a calibration run does.
public struct CalibrationOptions: Sendable {
  /// Seed that no one would choose for a picture: calibration and evaluation must not meet.
  public static let defaultSeed: UInt64 = 0xCA11_B4A7E

  /// Trajectories; each visits every step of the plan.
  public var samples: Int
  /// Seed of the trajectories' noise. Held-out evaluation must use another.
  public var seed: UInt64
  package var weighting: CalibrationWeighting
  /// Weight of the trajectories that are guided.
  package var guidance: Float
  /// Whether the noise is re-derived from the clipped estimate at every step.
  package var clippedEpsilon: Bool

  package init(
    samples: Int = 64, seed: UInt64 = defaultSeed, weighting: CalibrationWeighting = .uniform,
    guidance: Float = GuidanceOptions.defaultWeight, clippedEpsilon: Bool = false
  ) {
    self.samples = samples
    self.seed = seed
    self.weighting = weighting
    self.guidance = guidance
    self.clippedEpsilon = clippedEpsilon
  }
}
