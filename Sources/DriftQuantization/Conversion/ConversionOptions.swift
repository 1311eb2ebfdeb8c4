import DriftCalibration
import DriftEmission
import DriftSpiking

/// What a conversion to int8 is asked for.
public struct ConversionOptions: Sendable {
  /// Name of the sampler, as `convert --sampler` takes it; nil: the one that the checkpoint names.
  public var sampler: String?
  /// Denoising steps.
  public var steps: Int
  /// Stochasticity of DDIM, 0 (deterministic) to 1.
  public var eta: Double
  /// Always re-derive the noise from the clipped estimate.
  public var clippedEpsilon: Bool
  /// How many step groups have scales of their own.
  public var stepGroups: StepGroupChoice
  /// Which steps count how much where they share scales.
  public var weighting: CalibrationWeighting
  /// What is kept from step to step.
  public var stepCache: StepCacheChoice
  /// Steps from the least to the greatest value of an 8-bit operand, 1 to 255.
  public var levels: Int
  /// Whether scales of 8-bit operands are searched by the error of the noise prediction.
  public var thresholdGuidance: Bool
  /// Trajectories of the calibration run.
  public var calibrationSamples: Int
  /// Seed of the calibration's noise.
  public var seed: UInt64
  /// How guidance is made cheaper; nil: not at all.
  public var guidance: GuidanceOptions?
  /// Whether a network of spiking neurons becomes a program with several runs for each answer; else it is refused.
  public var allowsNeurons: Bool

  /// Changes of at most so many levels that neurons of a spiking program do not send; 0: they send all, and the program is exact.
  public var hysteresis: Int

  /// An integer program as it is going to run: with neurons that keep quiet about small changes, if it gets such, for then its bits differ.
  func running(_ image: DriftImage) throws(SpikingError) -> DriftImage {
    hysteresis > 0 ? try image.spiking(threshold: hysteresis) : image
  }

  /// Options with the defaults of `spindrift convert`.
  public init(
    sampler: String? = nil, steps: Int = 50, eta: Double = 0, clippedEpsilon: Bool = false,
    stepGroups: StepGroupChoice = .automatic,
    weighting: CalibrationWeighting = .uniform, calibrationSamples: Int = 64, seed: UInt64 = CalibrationOptions.defaultSeed,
    guidance: GuidanceOptions? = nil, stepCache: StepCacheChoice = .none, levels: Int = OperandLevels.most,
    allowsNeurons: Bool = false,
    thresholdGuidance: Bool = false, hysteresis: Int = 0
  ) {
    self.sampler = sampler
    self.steps = steps
    self.eta = eta
    self.clippedEpsilon = clippedEpsilon
    self.stepGroups = stepGroups
    self.weighting = weighting
    self.calibrationSamples = calibrationSamples
    self.seed = seed
    self.guidance = guidance
    self.stepCache = stepCache
    self.allowsNeurons = allowsNeurons
    self.levels = levels
    self.thresholdGuidance = thresholdGuidance
    self.hysteresis = hysteresis
  }
}
