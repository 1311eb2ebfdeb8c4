extension NoiseSchedule {
  /// Euler's method (Karras et al. 2022, algorithm 1 without churn); on a straight line that of flow matching (Lipman et al. 2023).
  func euler(_ levels: [NoiseLevel]) throws(ScheduleError) -> [SamplerStep] {
    var rows: [SamplerStep] = []
    for (now, then) in zip(levels, levels.dropFirst()) {
      rows.append(try row(now, clean: then.alpha, noise: then.sigma, clip: levelClip))
    }
    return rows
  }

  /// Fresh noise at every step of flow matching (diffusers' `stochastic_sampling`).
  func stochasticFlow(_ levels: [NoiseLevel]) throws(ScheduleError) -> [SamplerStep] {
    var rows: [SamplerStep] = []
    for (now, then) in zip(levels, levels.dropFirst()) {
      rows.append(try row(now, clean: then.alpha, fresh: then.sigma, clip: levelClip))
    }
    return rows
  }

  /// Euler's method that goes further down and adds noise (k-diffusion's ancestral sampling).
  func eulerAncestral(_ levels: [NoiseLevel]) throws(ScheduleError) -> [SamplerStep] {
    var rows: [SamplerStep] = []
    for (now, then) in zip(levels, levels.dropFirst()) {
      let (from, to) = (now.ratio * now.ratio, then.ratio * then.ratio)
      let up = max(to * (from - to) / from, 0)
      let down = max(to - up, 0).squareRoot()
      rows.append(
        try row(now, clean: then.alpha, noise: then.alpha * down, fresh: then.alpha * up.squareRoot(), clip: levelClip))
    }
    return rows
  }

  /// Heun's method (Karras et al. 2022, algorithm 1 without churn): each step but the last is two rows. The first row's derivative is not
  /// kept: it is the difference of the states before and after.
  func heun(_ levels: [NoiseLevel]) throws(ScheduleError) -> [SamplerStep] {
    let clip = clipRange
    var rows: [SamplerStep] = []
    for (index, (now, then)) in zip(levels, levels.dropFirst()).enumerated() {
      let last = index == levels.count - 2
      rows.append(
        Self.rederived(
          try row(now, clean: then.alpha, noise: then.sigma, clip: clip, keeps: last ? nil : .init(.state, slot: 0))))
      if last { break }
      let corrected: SamplerStep
      if case .linear = process {
        // Along the straight line the derivative by sigma is noise - clean.
        let half = (then.sigma - now.sigma) / 2
        corrected = try row(then, sample: 0.5, clean: -half, noise: half, history: [0.5], clip: clip)
      } else {
        // x = input / alpha has the derivative noise by ratio.
        let half = (then.ratio - now.ratio) / 2
        corrected = try row(
          then, sample: 0.5, noise: then.alpha * half, history: [then.alpha / (2 * now.alpha)], clip: clip)
      }
      rows.append(Self.rederived(corrected))
    }
    return rows
  }

  /// Heun's derivative is taken from the clamped estimate.
  private static func rederived(_ step: SamplerStep) -> SamplerStep {
    guard step.clip != nil else { return step }
    var step = step
    (step.a, step.b, step.g) = (step.clippedA, step.clippedB, 0)
    return step
  }

  /// Where these samplers clamp: diffusers' do not on betas.
  var levelClip: Double? { process == .beta ? nil : clipRange }
}
