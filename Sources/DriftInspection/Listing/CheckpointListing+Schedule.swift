import DriftGraph

extension CheckpointListing.Schedule {
  /// A noise schedule in words.
  init(_ schedule: NoiseSchedule) {
    switch schedule.process {
    case .beta:
      let ends = [schedule.alphaBar.first, schedule.alphaBar.last].map { "\(Float($0 ?? 1))" }
      process = "discrete, alpha_bar from \(ends[0]) to \(ends[1])"
    case .linear(.sigma(let scale)): process = "flow matching, the timestep is \(scale == 1 ? "" : "\(Float(scale)) ")sigma"
    case .linear(.oneMinusSigma): process = "flow matching, the timestep is 1 - sigma"
    case .elucidated(let terms):
      process = "elucidated diffusion, sigma from \(Float(terms.sigmaMax)) to \(Float(terms.sigmaMin)), rho \(Float(terms.rho))"
    }
    trainingSteps = schedule.trainingSteps
    sampler = schedule.sampler
    timestepSpacing = schedule.spacing.rawValue
    clipRange = schedule.clipRange
  }
}
