/// One row of coefficients; docs/arithmetic.md, "The sampler", says how they are applied.
///
///     x0 = p*x + q*e, clamped to +-clip
///     x' = a*x + b*x0 + g*e + sum_k history[k]*h_k + m*y + d*z
public struct SamplerStep: Sendable, Equatable {
  public var timestep: Float
  public var p: Float
  public var q: Float
  public var a: Float
  public var b: Float
  public var g: Float
  /// Replace a and b, with g = 0, where the noise is re-derived from the clipped estimate.
  public var clippedA: Float
  public var clippedB: Float
  /// Standard deviation of fresh noise.
  public var d: Float
  /// nil: the clean estimate is not clamped.
  public var clip: Float?

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
  public var name: String
  public var steps: [SamplerStep]
  /// Sampling starts from this times standard normal noise.
  public var initialScale: Float
  public var prediction: Prediction
  public var trainingSteps: Int

  public init(name: String, steps: [SamplerStep], initialScale: Float, prediction: Prediction, trainingSteps: Int) {
    self.name = name
    self.steps = steps
    self.initialScale = initialScale
    self.prediction = prediction
    self.trainingSteps = trainingSteps
  }
}
