import Foundation

/// One noise level of a walk as the network sees it: its input is alpha * clean + sigma * noise.
///
/// Samplers that are written for x = clean + s * noise and scale the network's input walk in that input instead: alpha is the input's scale
/// and sigma is the scale times s. Every update is linear, so the scale is absorbed in its coefficients (docs/samplers.md).
struct NoiseLevel {
  var alpha: Double
  var sigma: Double
  /// What the network is told.
  var timestep: Float = 0
  /// Factors of input and answer in the clean estimate, where preconditioning gives them.
  var clean: (sample: Double, output: Double)?

  /// Noise over signal.
  var ratio: Double { sigma / alpha }
  /// Half the logarithm of the signal-to-noise ratio.
  var lambda: Double { log(alpha) - log(sigma) }
}

extension NoiseSchedule {
  /// Factors of the sample and of the denoiser's answer in the clean picture.
  func clean(_ level: NoiseLevel) throws(ScheduleError) -> (sample: Double, output: Double) {
    if let clean = level.clean { return clean }
    let (alpha, sigma) = (level.alpha, level.sigma)
    switch prediction {
    case .epsilon:
      guard alpha > 0 else {
        throw ScheduleError(
          "nothing of the picture is left at timestep \(level.timestep), so a prediction of the noise says nothing there; choose another timestep_spacing or fewer steps"
        )
      }
      return (1 / alpha, -sigma / alpha)
    case .sample: return (0, 1)
    case .v:
      let power = alpha * alpha + sigma * sigma
      return (alpha / power, -sigma / power)
    case .flow: return (1 / (alpha + sigma), -sigma / (alpha + sigma))
    }
  }

  /// Factors of the sample and of the denoiser's answer in the noise, before anything is clipped.
  func noise(_ level: NoiseLevel) throws(ScheduleError) -> (sample: Double, output: Double) {
    if prediction == .epsilon, level.clean == nil { return (0, 1) }
    guard level.sigma > 0 else { throw ScheduleError("timestep \(level.timestep) has no noise, which this sampler divides by") }
    let clean = try clean(level)
    return ((1 - level.alpha * clean.sample) / level.sigma, -level.alpha * clean.output / level.sigma)
  }

  /// A row from x' = sample * x + clean * x0 + noise * n + output * e + sum_k history[k] * h_k + fresh * z.
  ///
  /// Without clamping x0 is x and e in fixed shares, so both carry its coefficient: no difference of large numbers is taken.
  /// - Parameter estimate: what the row's estimate is; nil: the clean picture.
  func row(
    _ level: NoiseLevel, sample: Double = 0, clean b: Double = 0, noise: Double = 0, output: Double = 0, history: [Double] = [],
    fresh: Double = 0, clip: Double? = nil, keeps: SamplerStep.Kept? = nil, estimate: (sample: Double, output: Double)? = nil
  ) throws(ScheduleError) -> SamplerStep {
    let kept = if let estimate { estimate } else { try clean(level) }
    let share = noise == 0 ? (sample: 0.0, output: 0.0) : try self.noise(level)
    var (a, b, g) = (sample + noise * share.sample, b, output + noise * share.output)
    let clipped = kept.output == 0 ? (a, b) : (a - g * kept.sample / kept.output, b + g / kept.output)
    if clip == nil { (a, b, g) = (a + b * kept.sample, 0, g + b * kept.output) }
    return SamplerStep(
      timestep: level.timestep, p: Float(kept.sample), q: Float(kept.output), a: Float(a), b: Float(b), g: Float(g),
      clippedA: Float(clipped.0), clippedB: Float(clipped.1), d: Float(fresh), clip: clip.map { Float($0) },
      history: history.map { Float($0) }, keeps: keeps)
  }
}

extension SamplerStep {
  /// Whether every coefficient is a number.
  var isFinite: Bool {
    ([timestep, p, q, a, b, g, clippedA, clippedB, d] + history).allSatisfy(\.isFinite)
  }
}
