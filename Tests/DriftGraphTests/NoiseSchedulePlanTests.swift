import DriftGraph
import Testing

/// Schedules compiled into rows, checked against the formulas; parity with diffusers is tested in DriftImportTests.
@Suite struct NoiseSchedulePlanTests {
  private let schedule = NoiseSchedule(alphaBar: BetaSchedule.linear(from: 0.0001, to: 0.02).alphaBar(count: 1000))

  @Test func `spacings visit diffusers' timesteps`() throws {
    var schedule = schedule
    #expect(try schedule.timesteps(count: 5) == [800, 600, 400, 200, 0])
    schedule.stepsOffset = 1
    #expect(try schedule.timesteps(count: 3) == [667, 334, 1])
    schedule.spacing = .trailing
    #expect(try schedule.timesteps(count: 3) == [999, 666, 332])
    schedule.spacing = .linspace
    #expect(try schedule.timesteps(count: 4) == [999, 666, 333, 0])
    #expect(try schedule.timesteps(count: 1) == [0])
  }

  @Test func `a perfect prediction is walked to the clean picture`() throws {
    // With clean 0.4 and noise -1.2 known, every prediction type must lead DDIM and Euler there, and DDPM and LCM without their noise close to it.
    let (clean, noise) = (0.4, -1.2)
    for prediction in [Prediction.epsilon, .sample, .v] {
      var schedule = schedule
      schedule.prediction = prediction
      for sampler in ["ddim", "ddpm", "euler", "lcm"] {
        let plan = try schedule.plan(sampler: sampler, steps: 20)
        let start = schedule.alphaBar[Int(plan.steps[0].timestep)]
        var x = start.squareRoot() * clean + (1 - start).squareRoot() * noise
        for step in plan.steps {
          let alphaBar = schedule.alphaBar[Int(step.timestep)]
          let (alpha, sigma) = (alphaBar.squareRoot(), (1 - alphaBar).squareRoot())
          // What the denoiser would say that knows the clean picture.
          let seen = (x - alpha * clean) / sigma
          let answer =
            switch prediction {
            case .epsilon: seen
            case .sample: clean
            default: alpha * seen - sigma * clean
            }
          let estimate = Double(step.p) * x + Double(step.q) * answer
          #expect(abs(estimate - clean) < 1e-4)
          let next = Double(step.a) * x + Double(step.b) * estimate + Double(step.g) * answer
          // The same step with the noise re-derived: nothing was clipped, so nothing changes.
          #expect(abs(Double(step.clippedA) * x + Double(step.clippedB) * estimate - next) < 1e-4)
          x = next
        }
        #expect(abs(x - clean) < 1e-3)
      }
    }
  }

  @Test func `eta 0 adds no noise, eta 1 adds what DDPM adds`() throws {
    let still = try schedule.plan(sampler: "ddim", steps: 100)
    #expect(still.steps.allSatisfy { $0.d == 0 })
    let noisy = try schedule.plan(sampler: "ddim", steps: 100, eta: 1)
    let ancestral = try schedule.plan(sampler: "ddpm", steps: 100)
    for (a, b) in zip(noisy.steps.dropLast(), ancestral.steps.dropLast()) {
      #expect(abs(a.d - b.d) < 1e-6)
      #expect(a.d > 0)
    }
    #expect(ancestral.steps.last?.d == 0)
  }

  @Test func `the last step of DDIM ends at no noise or at that of timestep 0`() throws {
    var schedule = schedule
    #expect(try schedule.plan(sampler: "ddim", steps: 10).steps.last?.b == 1)
    schedule.setAlphaToOne = false
    #expect(try schedule.plan(sampler: "ddim", steps: 10).steps.last?.b == Float(schedule.alphaBar[0].squareRoot()))
  }

  @Test func `zero terminal SNR leaves nothing of the picture`() {
    let alphaBar = BetaSchedule.scaledLinear(from: 0.00085, to: 0.012).alphaBar(count: 1000, rescaledToZeroSNR: true)
    #expect(alphaBar.last == 0)
    #expect(abs(alphaBar[0] - (1 - 0.00085)) < 1e-6)
    #expect(zip(alphaBar, alphaBar.dropFirst()).allSatisfy { $0.0 > $0.1 })
  }

  @Test func `what cannot be planned is refused with a reason`() throws {
    func refuses(_ schedule: NoiseSchedule, _ sampler: String = "ddim", steps: Int = 10, eta: Double = 0, because reason: String) {
      #expect { try schedule.plan(sampler: sampler, steps: steps, eta: eta) } throws: { error in
        error is ScheduleError && "\(error)".contains(reason)
      }
    }
    refuses(schedule, "leap", because: "sampler 'leap' is not known")
    refuses(schedule, "flow", because: "sampler 'flow' belongs to flow matching")
    refuses(schedule, "euler", eta: 0.5, because: "euler takes none")
    refuses(schedule, "pndm", steps: 3, because: "at least 4 steps")
    refuses(schedule, "lcm", steps: 51, because: "51 steps")
    var noisy = schedule
    noisy.solver.algorithm = .noiseODE
    refuses(noisy, "dpm", because: "final_sigmas_type")
    let straight = NoiseSchedule(
      process: .linear(.sigma(scale: 1)), trainingSteps: 1000, prediction: .flow, clipRange: nil, sampler: "euler")
    for sampler in ["ddim", "ddpm", "pndm", "lcm", "euler-ancestral"] {
      refuses(straight, sampler, because: "belongs to schedules of betas")
    }
    refuses(schedule, steps: 0, because: "0 steps")
    refuses(schedule, steps: 1001, because: "1001 steps")
    refuses(schedule, eta: 1.5, because: "eta is 1.5")
    refuses(schedule, eta: .nan, because: "eta is nan")
    refuses(schedule, "ddpm", eta: 0.5, because: "ddpm takes none")
    var offset = schedule
    offset.stepsOffset = 1
    refuses(offset, steps: 1000, because: "steps_offset 1")
    var flow = schedule
    flow.prediction = .flow
    refuses(flow, because: "flow")
    refuses(flow, "ddpm", because: "flow")
    let zero = NoiseSchedule(
      alphaBar: BetaSchedule.linear(from: 0.0001, to: 0.02).alphaBar(count: 1000, rescaledToZeroSNR: true), spacing: .trailing)
    refuses(zero, because: "nothing of the picture")
    let noiseless = NoiseSchedule(alphaBar: [1, 0.5], prediction: .sample)
    refuses(noiseless, steps: 2, because: "no noise")
    refuses(noiseless, "ddpm", steps: 2, because: "no noise")
  }
}
