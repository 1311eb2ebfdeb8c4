extension NoiseSchedule {
  /// PNDM (Liu et al. 2022): Runge-Kutta steps of four rows each at the beginning, unless they are skipped, then linear multistep.
  func pndm(steps: Int) throws(ScheduleError) -> [SamplerStep] {
    guard prediction == .epsilon || prediction == .v else {
      throw ScheduleError("pndm takes epsilon or v_prediction; this model predicts '\(prediction.rawValue)'")
    }
    guard solver.skipsRungeKutta || steps >= 4 else {
      throw ScheduleError(
        "pndm begins with three Runge-Kutta steps, so it needs at least 4 steps; set skip_prk_steps or ask for more")
    }
    let times = try timesteps(count: steps)
    let stride = trainingSteps / steps
    var rows: [SamplerStep] = []
    if !solver.skipsRungeKutta { rows = try rungeKutta(Array(times.prefix(4)), stride) }
    var kept = solver.skipsRungeKutta ? [] : [2, 1, 0]
    var sequence = Array(times.dropFirst(solver.skipsRungeKutta ? 0 : 3))
    if solver.skipsRungeKutta, sequence.count > 1 { sequence.insert(sequence[1], at: 1) }
    for (count, time) in sequence.enumerated() {
      let level = try pseudoLevel(time)
      if solver.skipsRungeKutta, count == 1 {
        // The first step once more, with the mean of both answers: its beginning follows from the state and the kept answer.
        let first = try transfer(sequence[0], sequence[0] - stride)
        let again = try transfer(time + stride, time)
        rows.append(
          try row(
            level, sample: again.sample / first.sample, output: again.output / 2,
            history: [again.output / 2 - again.sample * first.output / first.sample]))
        continue
      }
      let step = try transfer(time, time - stride)
      let factors: [Double] =
        switch kept.count {
        case 0: [1]
        case 1: [1.5, -0.5]
        case 2: [23.0 / 12, -16.0 / 12, 5.0 / 12]
        default: [55.0 / 24, -59.0 / 24, 37.0 / 24, -9.0 / 24]
        }
      var history = [Double](repeating: 0, count: 4)
      for (back, slot) in kept.enumerated() where back + 1 < factors.count { history[slot] = step.output * factors[back + 1] }
      // The oldest answer's slot is free once it has been read.
      let slot = kept.count < 3 ? kept.count : kept[2]
      rows.append(
        try row(
          level, sample: step.sample, output: step.output * factors[0], history: history,
          keeps: count < sequence.count - 1 ? .init(.output, slot: slot) : nil))
      kept = [slot] + kept.prefix(2)
    }
    return rows
  }

  /// Three Runge-Kutta steps. A step's first answer stays for the multistep method (slots 0, 1, 2); slot 3 is scratch.
  ///
  /// With f(x, e) = S*x + K*e between two timesteps, the rows' states are x1 = f(x, e0), x2 = f(x, e1), x3 = f'(x, e2) and the result is
  /// f'(x, (e0 + 2 e1 + 2 e2 + e3) / 6). The second row keeps x1, from which x follows. The third keeps a combination v of x2 and e2 so that
  /// the sum above is one of x3, v, e0 and e3.
  private func rungeKutta(_ times: [Int], _ stride: Int) throws(ScheduleError) -> [SamplerStep] {
    var rows: [SamplerStep] = []
    let half = stride / 2
    guard half > 0 else { throw ScheduleError("pndm's Runge-Kutta steps need half timesteps; ask for fewer steps") }
    for index in 0..<3 {
      let (time, next) = (times[index], times[index + 1])
      let middle = next + half
      let (s, k) = try transfer(time, time - half)
      // diffusers takes the second and third answer where they were asked for.
      let (s1, k1) = try transfer(time, middle)
      let (s2, k2) = try transfer(time, middle - half)
      let (s3, k3) = try transfer(time, next)
      var history = [0.0, 0, 0, 0]
      rows.append(try row(try pseudoLevel(time), sample: s, output: k, keeps: .init(.output, slot: index)))
      // x = (x1 - k e0) / s
      history[index] = -s1 * k / s
      rows.append(
        try row(try pseudoLevel(middle), sample: s1 / s, output: k1, history: history, keeps: .init(.state, slot: 3)))
      // The state is x2; x = (x1 - k e0) / s, x1 in the scratch slot. v = u x2 + w e2.
      let u = k3 / (3 * k1)
      let share = (s3 - u * s1) / s2
      let w = k3 / 3 - share * k2
      history = [0, 0, 0, s2 / s]
      history[index] = -s2 * k / s
      rows.append(
        try row(
          try pseudoLevel(middle), output: k2, history: history, keeps: .init(.estimate, slot: 3), estimate: (u, w)))
      history = [0, 0, 0, 1]
      history[index] = k3 / 6
      rows.append(try row(try pseudoLevel(next), sample: share, output: k3 / 6, history: history))
    }
    return rows
  }

  private func pseudoLevel(_ time: Int) throws(ScheduleError) -> NoiseLevel {
    let level = BetaLevel(alphaBar: try alphaBar(at: time))
    return NoiseLevel(alpha: level.alpha, sigma: level.sigma, timestep: Float(time))
  }

  private func alphaBar(at time: Int) throws(ScheduleError) -> Double {
    guard time < trainingSteps else {
      throw ScheduleError(
        "pndm visits timestep \(time), beyond the training timesteps 0 to \(trainingSteps - 1); choose another timestep_spacing or number of steps"
      )
    }
    return time >= 0 ? alphaBar[time] : setAlphaToOne ? 1 : alphaBar[0]
  }

  /// Liu et al. 2022, equation 11: factors of the sample and of the answer between two timesteps.
  private func transfer(_ time: Int, _ next: Int) throws(ScheduleError) -> (sample: Double, output: Double) {
    let (now, then) = (try alphaBar(at: time), try alphaBar(at: next))
    guard now > 0 else {
      throw ScheduleError("nothing of the picture is left at timestep \(time) (alpha_bar 0), which pndm divides by")
    }
    let divisor = now * (1 - then).squareRoot() + (now * (1 - now) * then).squareRoot()
    let (sample, output) = ((then / now).squareRoot(), divisor == 0 ? 0 : -(then - now) / divisor)
    guard prediction == .v else { return (sample, output) }
    return (sample + output * (1 - now).squareRoot(), output * now.squareRoot())
  }

  /// Latent consistency models (Luo et al. 2023, algorithm 3): the boundary conditions are weights of the clean estimate and the sample.
  func consistency(steps: Int) throws(ScheduleError) -> [SamplerStep] {
    let original = solver.originalSteps
    guard original <= trainingSteps, original >= 1 else {
      throw ScheduleError("original_inference_steps is \(original); it must lie in 1 to \(trainingSteps)")
    }
    guard steps <= original else {
      throw ScheduleError(
        "\(steps) steps asked for; lcm visits some of its \(original) original_inference_steps, so give 1 to \(original)")
    }
    let times = (0..<steps).map { (original - $0 * original / steps) * (trainingSteps / original) - 1 }
    var rows: [SamplerStep] = []
    for (index, time) in times.enumerated() {
      let now = BetaLevel(alphaBar: alphaBar[time])
      let last = index == steps - 1
      let then = BetaLevel(alphaBar: last ? 1 : alphaBar[times[index + 1]])
      let scaled = Double(time) * solver.timestepScaling
      let power = scaled * scaled + 0.25
      rows.append(
        try row(
          NoiseLevel(alpha: now.alpha, sigma: now.sigma, timestep: Float(time)), sample: then.alpha * 0.25 / power,
          clean: then.alpha * scaled / power.squareRoot(), fresh: last ? 0 : then.sigma, clip: clipRange))
    }
    return rows
  }
}
