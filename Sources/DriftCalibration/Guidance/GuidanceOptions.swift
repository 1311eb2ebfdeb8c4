/// How the second evaluation of guided steps is saved.
public enum GuidanceSkipping: String, Sendable, CaseIterable, Codable {
  /// Adaptive Guidance (Castillo et al. 2023): from the step on at which both branches agree, the class's answer alone.
  case adaptive
  /// LinearAG: the null class's answer is estimated from the last answers, at every other step and at all where both branches agree.
  case linear
}

/// What guidance is made cheaper for, and how far.
public struct GuidanceOptions: Sendable {
  /// Which steps a file saves at.
  public var skipping: GuidanceSkipping
  /// The weight that the choice is made and measured with.
  public var weight: Float
  /// From which cosine on, mean over samples and classes, the clean pictures that both branches mean count as the same.
  public var threshold: Double
  /// Estimated steps between two full ones, before the branches agree.
  public var estimates: Int

  /// Chosen on models/digits: docs/guidance.md has the measurement.
  public static var defaultThreshold: Double { 0.9998 }
  /// How much of the difference between the branches an estimate may leave where they do not agree yet.
  static var remainder: Double { 0.25 }
  /// The weight that models/digits is shown with.
  public static var defaultWeight: Float { 2 }

  /// Options with the defaults of `spindrift convert`.
  public init(
    skipping: GuidanceSkipping, weight: Float = defaultWeight, threshold: Double = defaultThreshold, estimates: Int = 1
  ) {
    self.skipping = skipping
    self.weight = weight
    self.threshold = threshold
    self.estimates = estimates
  }
}
