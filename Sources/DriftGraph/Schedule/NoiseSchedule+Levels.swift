import Foundation

extension NoiseSchedule {
  /// The noise levels that a walk of `steps` steps visits, noisiest first, and where it ends: one more than steps.
  func levels(_ sampler: String, steps: Int) throws(ScheduleError) -> [NoiseLevel] {
    switch process {
    case .linear(let time): return try linearLevels(steps, time)
    case .elucidated(let preconditioning): return try elucidatedLevels(steps, preconditioning)
    case .beta: break
    }
    guard sampler != "flow" else {
      throw ScheduleError("sampler 'flow' belongs to flow matching; this schedule has betas, so use euler")
    }
    let multistep = ["dpm", "dpmpp-2m", "dpmpp-2m-sde", "unipc"].contains(sampler)
    if multistep, solver.spread == .flow || (solver.spreadOfFlow && solver.spread == .karras) {
      return flowLevels(sampler, steps)
    }
    guard prediction != .flow else {
      throw ScheduleError("prediction 'flow' belongs to flow matching; \(sampler) on betas takes epsilon, sample or v_prediction")
    }
    let table = sigmaTable
    guard let tableFirst = table.first, let tableLast = table.last, tableFirst > 0 else {
      throw ScheduleError("timestep 0 has no noise (alpha_bar 1): \(sampler) divides by it")
    }
    var times = multistep ? try multistepTimes(steps) : try eulerTimes(steps)
    var sigmas = times.map { Self.interpolated(table, at: $0) }
    var end = solver.end == .smallest ? tableFirst : 0
    if sampler == "heun" || sampler == "euler-ancestral" { end = 0 }
    let (high, low) = multistep || solver.logLinear ? (tableLast, tableFirst) : (sigmas.first ?? 1, sigmas.last ?? 1)
    if sampler == "euler", solver.logLinear, solver.spread == .timesteps {
      // diffusers spreads one level more than there are steps and ends at it before the final one, so this takes `steps` of them.
      throw ScheduleError("interpolation_type 'log_linear' needs use_karras_sigmas or use_exponential_sigmas")
    }
    switch sampler == "euler-ancestral" ? .timesteps : solver.spread {
    case .timesteps, .flow: break
    case .karras: sigmas = Self.karras(from: solver.sigmaMax ?? high, to: solver.sigmaMin ?? low, count: steps, rho: 7)
    case .exponential, .lambdas:
      sigmas = Self.equalSteps(log(solver.sigmaMax ?? high), log(solver.sigmaMin ?? low), steps).map(exp)
    }
    if solver.spread != .timesteps, sampler != "euler-ancestral" {
      times = sigmas.map { Self.time(of: $0, in: table) }
      let rounds =
        switch solver.spread {
        case .karras: sampler == "unipc" || !solver.keepsFractions
        case .lambdas: !solver.keepsFractions
        default: false
        }
      // diffusers cuts fractions off here. Where a level is a training timestep's own, its rounding decides whether that one is hit or the
      // one below; this always hits it.
      if multistep { times = times.map { rounds ? $0.rounded(.toNearestOrEven) : ($0 + 1e-4).rounded(.down) } }
      if sampler == "unipc", solver.end == .smallest { end = sigmas.last ?? end }
    }
    return zip(sigmas + [end], times + [0]).enumerated().map { index, pair in
      let sigma = Double(Float(pair.0))
      // A walk of Euler's kind returns x itself, the others the state that they share with DDIM.
      let scale = index == steps && !multistep ? 1 : 1 / (sigma * sigma + 1).squareRoot()
      return NoiseLevel(alpha: scale, sigma: scale * sigma, timestep: Float(pair.1))
    }
  }

  /// What starting noise of unit variance is multiplied with.
  func initialStateScale(_ levels: [NoiseLevel]) -> Double {
    guard let first = levels.first else { return 1 }
    switch process {
    case .beta: return spacing == .leading ? 1 : first.sigma
    case .linear, .elucidated: return first.sigma
    }
  }

  /// Noise over signal at every training timestep.
  var sigmaTable: [Double] {
    alphaBar.enumerated().map { index, value in
      let value = solver.zeroSNR && index == alphaBar.count - 1 ? 0x1p-24 : value
      // In single precision throughout, as diffusers has it.
      let single = Float(value)
      return Double(((1 - single) / single).squareRoot())
    }
  }

  private func eulerTimes(_ steps: Int) throws(ScheduleError) -> [Double] {
    switch spacing {
    case .linspace: return Self.equalSteps(Double(trainingSteps - 1), 0, steps, single: 0).map { Double(Float($0)) }
    case .leading, .trailing: return try timesteps(count: steps).map(Double.init)
    }
  }

  private func multistepTimes(_ steps: Int) throws(ScheduleError) -> [Double] {
    let count = steps + 1
    let last = Double(trainingSteps - 1)
    let times: [Double] =
      switch spacing {
      case .linspace: (1..<count).reversed().map { (Double($0) * (last / Double(steps))).rounded(.toNearestOrEven) }
      case .leading: (1..<count).reversed().map { Double($0 * (trainingSteps / count) + stepsOffset) }
      case .trailing: try timesteps(count: steps).map(Double.init)
      }
    guard let first = times.first, first <= last else {
      throw ScheduleError(
        "with \(steps) steps and steps_offset \(stepsOffset) the walk leaves the training timesteps 0 to \(trainingSteps - 1); ask for fewer steps"
      )
    }
    guard Set(times).count == times.count else {
      throw ScheduleError("\(steps) steps visit a timestep twice; ask for fewer steps")
    }
    return times
  }

  /// Levels of flow matching for a scheduler of betas (diffusers' `use_flow_sigmas`): alpha = 1 - sigma.
  private func flowLevels(_ sampler: String, _ steps: Int) -> [NoiseLevel] {
    let count = Double(trainingSteps)
    var sigmas: [Double]
    var end = 0.0
    if sampler == "unipc" {
      if solver.spread == .karras {
        let table = sigmaTable
        sigmas = Self.karras(
          from: solver.sigmaMax ?? table.last ?? 1, to: solver.sigmaMin ?? table.first ?? 1, count: steps, rho: 7
        ).map { $0 / ($0 + 1) }
      } else {
        sigmas = Self.equalSteps(1, 1 / count, steps + 1).dropLast().map(shifted)
        if let last = sigmas.last, let terminal = solver.shiftTerminal {
          let stretch = (1 - last) / (1 - terminal)
          sigmas = sigmas.map { 1 - (1 - $0) / stretch }
        }
        if abs(sigmas[0] - 1) < 1e-6 { sigmas[0] -= 1e-6 }
      }
      if solver.end == .smallest { end = sigmas.last ?? 0 }
    } else {
      sigmas = Self.equalSteps(1, 1 / count, steps + 1).map { 1 - $0 }.reversed().dropLast().map(shifted)
      if solver.end == .smallest { end = sigmaTable.first ?? 0 }
    }
    return (sigmas + [end]).map { sigma in
      let single = Double(Float(sigma))
      return NoiseLevel(alpha: 1 - single, sigma: single, timestep: Float((sigma * count).rounded(.towardZero)))
    }
  }

  private func linearLevels(_ steps: Int, _ time: NoiseProcess.FlowTime) throws(ScheduleError) -> [NoiseLevel] {
    var sigmas = Self.equalSteps(1, 0, steps + 1).dropLast().map { $0 }
    if case .sigma(let scale) = time, scale != 1 {
      // The spread of FlowMatchEulerDiscreteScheduler, whose ends are shifted twice.
      sigmas = Self.equalSteps(shifted(1), shifted(1 / Double(trainingSteps)), steps).map(shifted)
    }
    if let last = sigmas.last, let terminal = solver.shiftTerminal {
      let stretch = (1 - last) / (1 - terminal)
      guard stretch != 0 else { throw ScheduleError("shift_terminal cannot stretch a walk of one step that ends at sigma 1") }
      sigmas = sigmas.map { 1 - (1 - $0) / stretch }
    }
    let (high, low) = (sigmas.first ?? 1, sigmas.last ?? 1)
    switch solver.spread {
    case .karras: sigmas = Self.karras(from: high, to: low, count: steps, rho: 7)
    case .exponential: sigmas = Self.equalSteps(log(high), log(low), steps).map(exp)
    default: break
    }
    return (sigmas + [0]).map { sigma in
      let timestep: Double =
        switch time {
        case .sigma(let scale): Double(Float(sigma)) * scale
        case .oneMinusSigma: 1 - sigma
        }
      return NoiseLevel(alpha: 1 - sigma, sigma: sigma, timestep: Float(timestep))
    }
  }

  private func elucidatedLevels(
    _ steps: Int, _ process: NoiseProcess.Preconditioning
  ) throws(ScheduleError) -> [NoiseLevel] {
    guard process.listed.isEmpty || process.listed.count == steps || process.sigmaData != nil else {
      throw ScheduleError(
        "the preconditioning is listed for \(process.listed.count) steps and \(steps) were asked for; ask for as many, or give sigma_data"
      )
    }
    let sigmas = Self.karras(from: process.sigmaMax, to: process.sigmaMin, count: steps, rho: process.rho)
    let levels = sigmas.enumerated().map { index, sigma in
      let factors: NoiseProcess.Preconditioning.Factors
      if process.listed.count == steps {
        factors = process.listed[index]
      } else {
        let data = process.sigmaData ?? 0.5
        let power = sigma * sigma + data * data
        factors = .init(
          input: 1 / power.squareRoot(), skip: data * data / power, output: sigma * data / power.squareRoot(), noise: log(sigma) / 4
        )
      }
      return NoiseLevel(
        alpha: factors.input, sigma: factors.input * sigma, timestep: Float(factors.noise),
        clean: (factors.skip / factors.input, factors.output))
    }
    return levels + [NoiseLevel(alpha: 1, sigma: 0)]
  }

  private func shifted(_ sigma: Double) -> Double { solver.flowShift * sigma / (1 + (solver.flowShift - 1) * sigma) }

  /// Karras et al. 2022, equation 5, without the final 0.
  private static func karras(from high: Double, to low: Double, count: Int, rho: Double) -> [Double] {
    equalSteps(pow(high, 1 / rho), pow(low, 1 / rho), count).map { pow($0, rho) }
  }

  /// `count` values from first to last; a single one is `first`, or `single` where that is given.
  private static func equalSteps(_ first: Double, _ last: Double, _ count: Int, single: Double? = nil) -> [Double] {
    guard count > 1 else { return [single ?? first] }
    let step = (last - first) / Double(count - 1)
    return (0..<count).map { $0 == count - 1 ? last : first + step * Double($0) }
  }

  private static func interpolated(_ table: [Double], at time: Double) -> Double {
    let low = min(max(Int(time), 0), table.count - 1)
    let high = min(low + 1, table.count - 1)
    return table[low] + (time - Double(low)) * (table[high] - table[low])
  }

  /// The timestep of a noise level, between two where it is: diffusers interpolates in the logarithm.
  private static func time(of sigma: Double, in table: [Double]) -> Double {
    guard table.count > 1 else { return 0 }
    let wanted = log(max(sigma, 1e-10))
    let low = min(table.lastIndex { $0 <= sigma } ?? 0, table.count - 2)
    let (below, above) = (log(table[low]), log(table[low + 1]))
    guard above != below else { return Double(low) }
    return Double(low) + min(max((wanted - below) / (above - below), 0), 1)
  }
}
