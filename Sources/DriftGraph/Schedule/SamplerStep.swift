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

  /// A row from its coefficients.
  public init(
    timestep: Float, p: Float, q: Float, a: Float, b: Float, g: Float, clippedA: Float, clippedB: Float, d: Float, clip: Float?
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
  }
}

/// A sampler compiled for a schedule: what a session walks through.
public struct SamplerPlan: Sendable {
  /// `ddim` or `ddpm`.
  public var name: String
  /// Noisiest first.
  public var steps: [SamplerStep]
  /// Sampling starts from this times standard normal noise.
  public var initialScale: Float
  /// What the denoiser's answer means.
  public var prediction: Prediction
  /// Timesteps lie in 0 to this.
  public var trainingSteps: Int

  /// A plan from its parts.
  public init(name: String, steps: [SamplerStep], initialScale: Float, prediction: Prediction, trainingSteps: Int) {
    self.name = name
    self.steps = steps
    self.initialScale = initialScale
    self.prediction = prediction
    self.trainingSteps = trainingSteps
  }
}
