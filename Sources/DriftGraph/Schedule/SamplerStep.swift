/// One row of coefficients; docs/arithmetic.md, "The sampler", says how they are applied.
///
///     x0 = p*x + q*e, clamped to +-clip
///     x' = a*x + b*x0 + g*e + sum_k history[k]*h_k + m*y + d*z
public struct SamplerStep: Sendable, Equatable {
  /// What the denoiser is told.
  public var timestep: Float
  /// Factor of the sample in the clean estimate.
  public var p: Float
  /// Factor of the denoiser's answer in the clean estimate.
  public var q: Float
  /// Factor of the sample.
  public var a: Float
  /// Factor of the clean estimate.
  public var b: Float
  /// Factor of the denoiser's answer.
  public var g: Float
  /// Replace a and b, with g = 0, where the noise is re-derived from the clipped estimate.
  public var clippedA: Float
  /// See `clippedA`.
  public var clippedB: Float
  /// Standard deviation of fresh noise.
  public var d: Float
  /// nil: the clean estimate is not clamped.
  public var clip: Float?
  /// Factors of the history slots; none beyond the list's end, four at most.
  public var history: [Float]
  /// What this step keeps for later ones; nil: nothing.
  public var keeps: Kept?

  /// A value that a step keeps after it was taken.
  public struct Kept: Sendable, Equatable {
    /// What is kept: the state before the step, the clean estimate (clamped if the step clamps) or the denoiser's answer.
    public enum Source: UInt32, Sendable { case state, estimate, output }

    /// History slot, 0 to 3.
    public var slot: Int
    /// What goes there.
    public var source: Source

    /// A slot and what goes there.
    public init(_ source: Source, slot: Int) {
      self.slot = slot
      self.source = source
    }
  }

  /// A row from its coefficients.
  public init(
    timestep: Float, p: Float, q: Float, a: Float, b: Float, g: Float, clippedA: Float, clippedB: Float, d: Float, clip: Float?,
    history: [Float] = [], keeps: Kept? = nil
  ) {
    self.timestep = timestep
    self.p = p
    self.q = q
    self.a = a
    self.b = b
    self.g = g
    self.clippedA = clippedA
    self.clippedB = clippedB
    self.d = d
    self.clip = clip
    self.history = history
    self.keeps = keeps
  }
}

/// A sampler compiled for a schedule: what a session walks through.
public struct SamplerPlan: Sendable {
  /// One of ``NoiseSchedule/samplers``.
  public var name: String
  /// One for each evaluation of the denoiser, noisiest first.
  public var steps: [SamplerStep]
  /// Sampling starts from this times standard normal noise.
  public var initialScale: Float
  /// What the denoiser's answer means.
  public var prediction: Prediction
  /// Magnitudes of timesteps lie below this.
  public var trainingSteps: Int
  /// History slots that the steps write.
  public var historyCount: Int { steps.reduce(0) { max($0, ($1.keeps?.slot ?? -1) + 1) } }

  /// A plan from its parts.
  public init(name: String, steps: [SamplerStep], initialScale: Float, prediction: Prediction, trainingSteps: Int) {
    self.name = name
    self.steps = steps
    self.initialScale = initialScale
    self.prediction = prediction
    self.trainingSteps = trainingSteps
  }
}
