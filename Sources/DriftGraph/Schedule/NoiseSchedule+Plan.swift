extension NoiseSchedule {
  /// Samplers that can be compiled into rows of coefficients (docs/samplers.md). `dpm` is the multistep DPM-Solver as the scheduler's
  /// configuration describes it.
  public static let samplers = [
    "ddim", "ddpm", "euler", "euler-ancestral", "heun", "pndm", "dpmpp-2m", "dpmpp-2m-sde", "dpm", "unipc", "lcm", "flow",
  ]

  /// Compiles a sampler into one row of coefficients per evaluation of the denoiser, noisiest first.
  /// - Parameters:
  ///   - sampler: one of ``samplers``, with diffusers' conventions; nil: the one that the schedule names.
  ///   - steps: steps as diffusers counts them, 1 to `trainingSteps`; methods of several evaluations make more rows.
  ///   - eta: share of DDPM's noise that DDIM adds, 0 to 1; 0 is deterministic. The others take none.
  public func plan(sampler: String? = nil, steps: Int, eta: Double = 0) throws(ScheduleError) -> SamplerPlan {
    let sampler = sampler ?? self.sampler
    guard (0...1).contains(eta) else { throw ScheduleError("eta is \(eta); it must lie in 0 to 1") }
    guard Self.samplers.contains(sampler) else {
      throw ScheduleError("sampler '\(sampler)' is not known; known are \(Self.samplers.joined(separator: ", "))")
    }
    guard sampler == "ddim" || eta == 0 else {
      throw ScheduleError("eta is an option of the sampler ddim; \(sampler) takes none")
    }
    guard steps >= 1, steps <= trainingSteps else { throw tooManySteps(steps) }
    if case .beta = process {
    } else if ["ddim", "ddpm", "pndm", "lcm", "euler-ancestral"].contains(sampler) {
      throw ScheduleError(
        "sampler '\(sampler)' belongs to schedules of betas; this one is of another process, so use euler or flow")
    }
    let rows: [SamplerStep]
    var initialScale = 1.0
    switch sampler {
    case "ddim": rows = try ddim(try timesteps(count: steps), eta: eta)
    case "ddpm": rows = try ddpm(try timesteps(count: steps))
    case "pndm": rows = try pndm(steps: steps)
    case "lcm": rows = try consistency(steps: steps)
    case "dpm", "dpmpp-2m", "dpmpp-2m-sde":
      var solver = solver
      if sampler != "dpm" {
        solver.order = 2
        solver.algorithm = sampler == "dpmpp-2m" ? .dataODE : .dataSDE
      }
      rows = try multistep(try levels(sampler, steps: steps), solver)
    case "unipc": rows = try predictorCorrector(try levels(sampler, steps: steps))
    default:
      let levels = try levels(sampler, steps: steps)
      initialScale = initialStateScale(levels)
      switch sampler {
      case "euler-ancestral": rows = try eulerAncestral(levels)
      case "heun": rows = try heun(levels)
      default: rows = solver.stochastic && sampler == "flow" ? try stochasticFlow(levels) : try euler(levels)
      }
    }
    if let broken = rows.first(where: { !$0.isFinite }) {
      throw ScheduleError(
        "sampler '\(sampler)' is not defined on this schedule at timestep \(broken.timestep); choose another sampler, spacing or number of steps"
      )
    }
    return SamplerPlan(
      name: sampler, steps: rows, initialScale: Float(initialScale), prediction: prediction,
      trainingSteps: rows.reduce(max(trainingSteps, rows.count)) { max($0, Int($1.timestep.magnitude) + 1) })
  }

  func tooManySteps(_ count: Int) -> ScheduleError {
    ScheduleError("\(count) steps asked for; the model was trained with \(trainingSteps), so give 1 to \(trainingSteps)")
  }

  /// The training timesteps that a walk of `count` steps visits, noisiest first.
  public func timesteps(count: Int) throws(ScheduleError) -> [Int] {
    guard count >= 1, count <= trainingSteps else { throw tooManySteps(count) }
    let last = Double(trainingSteps - 1)
    let result: [Int] =
      switch spacing {
      case .leading:
        (0..<count).reversed().map { $0 * (trainingSteps / count) + stepsOffset }
      case .linspace:
        (0..<count).reversed().map { i in
          i == count - 1 && count > 1 ? trainingSteps - 1 : Self.rounded(Double(i) * (last / Double(max(count - 1, 1))))
        }
      case .trailing:
        (0..<count).map { i in
          Self.rounded(Double(trainingSteps) - Double(i) * (Double(trainingSteps) / Double(count))) - 1
        }
      }
    guard let highest = result.first, highest < trainingSteps, let lowest = result.last, lowest >= 0 else {
      throw ScheduleError(
        "with \(count) steps and steps_offset \(stepsOffset) the walk leaves the training timesteps 0 to \(trainingSteps - 1); ask for fewer steps"
      )
    }
    return result
  }

  private static func rounded(_ value: Double) -> Int { Int(value.rounded(.toNearestOrEven)) }

  private func ddim(_ timesteps: [Int], eta: Double) throws(ScheduleError) -> [SamplerStep] {
    let stride = trainingSteps / timesteps.count
    var rows: [SamplerStep] = []
    for timestep in timesteps {
      let next = timestep - stride
      let now = BetaLevel(alphaBar: alphaBar[timestep])
      let then = BetaLevel(alphaBar: next >= 0 ? alphaBar[next] : setAlphaToOne ? 1 : alphaBar[0])
      let variance = now.sigma == 0 ? 0 : (then.variance / now.variance) * (1 - now.alphaBar / then.alphaBar)
      let deviation = eta * max(variance, 0).squareRoot()
      let direction = max(then.variance - deviation * deviation, 0).squareRoot()
      let estimate = try cleanEstimate(at: now, timestep)
      let noise = try noiseEstimate(at: now, timestep)
      let rederived = direction == 0 ? 0 : direction / now.sigma
      rows.append(
        SamplerStep(
          timestep: Float(timestep), p: Float(estimate.sample), q: Float(estimate.output), a: Float(direction * noise.sample),
          b: Float(then.alpha), g: Float(direction * noise.output), clippedA: Float(rederived),
          clippedB: Float(then.alpha - rederived * now.alpha), d: Float(deviation), clip: clipRange.map { Float($0) }))
    }
    return rows
  }

  private func ddpm(_ timesteps: [Int]) throws(ScheduleError) -> [SamplerStep] {
    var rows: [SamplerStep] = []
    for (index, timestep) in timesteps.enumerated() {
      let now = BetaLevel(alphaBar: alphaBar[timestep])
      let then = BetaLevel(alphaBar: index + 1 < timesteps.count ? alphaBar[timesteps[index + 1]] : 1)
      guard now.variance > 0 else {
        throw ScheduleError("timestep \(timestep) has no noise (alpha_bar 1): ddpm cannot step from it")
      }
      let alpha = now.alphaBar / then.alphaBar
      let beta = 1 - alpha
      let estimate = try cleanEstimate(at: now, timestep)
      let a = alpha.squareRoot() * then.variance / now.variance
      let b = then.alpha * beta / now.variance
      let variance =
        switch self.variance {
        case .fixedSmall, .fixedSmallLog: max(then.variance / now.variance * beta, 1e-20)
        case .fixedLarge, .fixedLargeLog: beta
        }
      rows.append(
        SamplerStep(
          timestep: Float(timestep), p: Float(estimate.sample), q: Float(estimate.output), a: Float(a), b: Float(b), g: 0,
          clippedA: Float(a), clippedB: Float(b), d: timestep > 0 ? Float(variance.squareRoot()) : 0,
          clip: clipRange.map { Float($0) }))
    }
    return rows
  }

  /// Factors of the sample and of the denoiser's answer in the clean picture.
  private func cleanEstimate(at level: BetaLevel, _ timestep: Int) throws(ScheduleError) -> (sample: Double, output: Double) {
    switch prediction {
    case .epsilon:
      guard level.alpha > 0 else {
        throw ScheduleError(
          "nothing of the picture is left at timestep \(timestep) (alpha_bar 0), so a prediction of the noise says nothing there; choose another timestep_spacing or fewer steps"
        )
      }
      return (1 / level.alpha, -level.sigma / level.alpha)
    case .sample: return (0, 1)
    case .v: return (level.alpha, -level.sigma)
    case .flow:
      throw ScheduleError("prediction 'flow' belongs to flow matching; ddim and ddpm take epsilon, sample or v_prediction")
    }
  }

  /// Factors of the sample and of the denoiser's answer in the noise, before anything is clipped.
  private func noiseEstimate(at level: BetaLevel, _ timestep: Int) throws(ScheduleError) -> (sample: Double, output: Double) {
    switch prediction {
    case .epsilon: return (0, 1)
    case .sample:
      guard level.sigma > 0 else {
        throw ScheduleError(
          "timestep \(timestep) has no noise (alpha_bar 1), so a prediction of the clean picture does not give the noise")
      }
      return (1 / level.sigma, -level.alpha / level.sigma)
    case .v: return (level.sigma, level.alpha)
    case .flow:
      throw ScheduleError("prediction 'flow' belongs to flow matching; ddim and ddpm take epsilon, sample or v_prediction")
    }
  }
}

/// A sample is alpha * clean + sigma * noise.
struct BetaLevel {
  var alphaBar: Double

  var alpha: Double { alphaBar.squareRoot() }
  var variance: Double { 1 - alphaBar }
  var sigma: Double { max(variance, 0).squareRoot() }
}
