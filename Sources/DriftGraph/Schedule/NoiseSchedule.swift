/// How noise enters in training, and how a diffusers scheduler walks back. alpha_bar[t] is the cumulative product of 1 - beta.
public struct NoiseSchedule: Sendable {
  /// How inference timesteps are spread over the training timesteps (diffusers' `timestep_spacing`).
  public enum Spacing: String, Sendable, CaseIterable { case leading, trailing, linspace }

  /// Variance of DDPM's posterior (diffusers' `variance_type`).
  public enum Variance: String, Sendable, CaseIterable {
    case fixedSmall = "fixed_small"
    case fixedSmallLog = "fixed_small_log"
    case fixedLarge = "fixed_large"
    case fixedLargeLog = "fixed_large_log"
  }

  /// Cumulative products of 1 - beta, one per training timestep.
  public var alphaBar: [Double]
  /// What the denoiser's answer means.
  public var prediction: Prediction
  /// How inference timesteps are spread.
  public var spacing: Spacing
  /// Added to timesteps of leading spacing.
  public var stepsOffset: Int
  /// The last step ends at alpha_bar 1 (true) or at alpha_bar[0] (false).
  public var setAlphaToOne: Bool
  /// The clean estimate is clamped to +- this; nil: it is not.
  public var clipRange: Double?
  /// Noise that DDPM adds.
  public var variance: Variance
  /// How noise enters.
  public var process: NoiseProcess = .beta
  /// The sampler that is taken where none is named.
  public var sampler = "ddim"
  /// What the configuration says to other samplers than DDIM and DDPM.
  public var solver = SolverOptions()

  /// diffusers' defaults, but for alpha_bar.
  public init(
    alphaBar: [Double], prediction: Prediction = .epsilon, spacing: Spacing = .leading, stepsOffset: Int = 0,
    setAlphaToOne: Bool = true,
    clipRange: Double? = 1, variance: Variance = .fixedSmall
  ) {
    self.alphaBar = alphaBar
    self.prediction = prediction
    self.spacing = spacing
    self.stepsOffset = stepsOffset
    self.setAlphaToOne = setAlphaToOne
    self.clipRange = clipRange
    self.variance = variance
  }

  /// A schedule without betas.
  public init(process: NoiseProcess, trainingSteps: Int, prediction: Prediction, clipRange: Double?, sampler: String) {
    self.init(alphaBar: [Double](repeating: 1, count: trainingSteps), prediction: prediction, clipRange: clipRange)
    self.process = process
    self.sampler = sampler
  }

  /// Number of training timesteps.
  public var trainingSteps: Int { alphaBar.count }
}
