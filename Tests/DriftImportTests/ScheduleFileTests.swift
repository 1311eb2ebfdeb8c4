import DriftGraph
import DriftImport
import DriftReference
import DriftRuntime
import Foundation
import Testing

/// schedule.json of flow matching and of elucidated diffusion: rows against the noise levels and factors that the files list.
@Suite struct ScheduleFileTests {
  private struct Listed: Decodable {
    struct Preconditioning: Decodable { var c_in: [Double], c_skip: [Double], c_out: [Double] }
    var timesteps: [Float], alphas: [Double], sigmas: [Double]
    var preconditioning: Preconditioning?
  }

  private func load(_ name: String) throws -> (NoiseSchedule, Listed) {
    let path = Fixtures.schedule(name)
    return (
      try ScheduleFile(path).noiseSchedule(),
      try JSONDecoder().decode(Listed.self, from: try Data(contentsOf: URL(fileURLWithPath: path)))
    )
  }

  /// x' = alpha' * clean + sigma' * noise in double precision, as FORMAT.md of the checkpoints says.
  @Test func `rows of flow matching follow the listed levels`() throws {
    let (schedule, listed) = try load("mnist-vit")
    let plan = try schedule.plan(steps: listed.timesteps.count)
    #expect(plan.name == "euler")
    #expect(plan.steps.count == 50)
    #expect(plan.initialScale == 1)
    for (index, step) in plan.steps.enumerated() {
      #expect(abs(step.timestep - listed.timesteps[index]) < 1e-6)
      let (x, clean) = (0.7, -0.4)
      let noise = (x - listed.alphas[index] * clean) / listed.sigmas[index]
      let expected = listed.alphas[index + 1] * clean + listed.sigmas[index + 1] * noise
      #expect(abs(Double(step.a) * x + Double(step.g) * clean - expected) < 1e-6)
    }
  }

  /// The rows walk in c_in * x; x itself is walked here, in double precision.
  @Test(arguments: ["euler", "heun", "dpmpp-2m"])
  func `a walk in the scaled state is the walk of elucidated diffusion`(_ sampler: String) throws {
    let (schedule, listed) = try load("edm")
    let factors = try #require(listed.preconditioning)
    let count = listed.timesteps.count
    let plan = try schedule.plan(sampler: sampler, steps: count)
    /// A pretended network.
    func network(_ input: Double, _ timestep: Double) -> Double { sin(3 * input + timestep) - 0.5 * input }
    func clean(_ x: Double, _ i: Int) -> Double {
      factors.c_skip[i] * x + factors.c_out[i] * network(factors.c_in[i] * x, Double(listed.timesteps[i]))
    }
    var x = 0.6 * listed.sigmas[0]
    var last = 0.0
    for i in 0..<count {
      let (now, then) = (listed.sigmas[i], listed.sigmas[i + 1])
      let estimate = clean(x, i)
      let slope = (x - estimate) / now
      let ahead = x + (then - now) * slope
      switch sampler {
      case "heun" where then > 0: x += (then - now) * (slope + (ahead - clean(ahead, i + 1)) / then) / 2
      case "dpmpp-2m" where i > 0 && then > 0:
        // Lu et al. 2022b, algorithm 2, with alpha 1.
        let ratio = log(listed.sigmas[i - 1] / now) / log(now / then)
        let extrapolated = (1 + 1 / (2 * ratio)) * estimate - 1 / (2 * ratio) * last
        x = then / now * x + (1 - then / now) * extrapolated
      default: x = ahead
      }
      last = estimate
    }
    var state: [Float] = [0.6 * plan.initialScale]
    var history = SamplerHistory(slots: plan.historyCount, count: 1)
    for step in plan.steps {
      let answer = [Float(network(Double(state[0]), Double(step.timestep)))]
      state.withUnsafeMutableBufferPointer { state in
        history.withSlots { SamplerRow(step).apply(x: state, e: answer, history: $0, clippedEpsilon: false) }
      }
    }
    #expect(abs(Double(state[0]) - x) < 1e-5 * max(abs(x), 1))
  }

  @Test(arguments: [
    (#""process": "linear""#, "timestep_is"), (#""process": "edm""#, "prediction_type"),
    (#""process": "edm", "prediction_type": "sample""#, "sigma_data"), (#""process": "cold""#, "process"),
    (#""process": "edm", "prediction_type": "sample", "sigma_data": 0.5, "rho": 0"#, "rho"),
    (#""process": "edm", "prediction_type": "sample", "preconditioning": {"c_in": [1]}"#, "preconditioning"),
    (#""predicton_type": "sample""#, "predicton_type"), (#""beta_strat": 0.5"#, "beta_strat"),
    (#""sampler": "nonsense""#, "sampler"), (#""onnx": {"sampel": "q"}"#, "sampel"), (#""eta": 0.5"#, "eta"),
    (#""process": "linear", "timestep_is": "sigma", "shift": 3"#, "shift"),
    (#""process": "linear", "timestep_is": "sigma", "flow_shift": 3"#, "flow_shift"),
    (#""process": "linear", "timestep_is": "sigma", "beta_start": 0.1"#, "beta_start"),
    (#""timestep_is": "sigma""#, "timestep_is"), (#""use_karras_sigmas": true"#, "use_karras_sigmas"),
    (
      #""process": "edm", "prediction_type": "sample", "preconditioning": {"c_inn": [1], "c_in": [1], "c_skip": [1], "c_out": [1]}"#,
      "c_inn"
    ),
  ])
  func `refuses what cannot be sampled by its key`(_ text: String, _ key: String) throws {
    let folder = try TemporaryFolder(copyOf: Fixtures.unet("plain"))
    try folder.write("schedule.json", Array("{\(text)}".utf8))
    #expect {
      try ScheduleFile("\(folder.path)/schedule.json").noiseSchedule()
    } throws: { "\($0)".contains("'\(key)'") }
  }

  @Test func `an unknown sampler is refused with those that are known, and a known one is taken`() throws {
    let folder = try TemporaryFolder(copyOf: Fixtures.unet("plain"))
    func schedule(_ text: String) throws -> NoiseSchedule {
      try folder.write("schedule.json", Array("{\(text)}".utf8))
      return try ScheduleFile("\(folder.path)/schedule.json").noiseSchedule()
    }
    #expect { try schedule(#""sampler": "plms""#) } throws: { "\($0)".contains("one of ddim, ddpm, euler") }
    #expect(try schedule(#""sampler": "heun""#).plan(steps: 5).name == "heun")
    let linear = #""process": "linear", "timestep_is": "sigma", "prediction_type": "flow", "sampler":"#
    #expect(try schedule("\(linear) \"heun\"").plan(steps: 5).name == "heun")
    #expect { try schedule("\(linear) \"ddpm\"").plan(steps: 5) } throws: { "\($0)".contains("'ddpm'") }
  }

  @Test func `what schedule files record beside the schedule is read over`() throws {
    let folder = try TemporaryFolder(copyOf: Fixtures.unet("plain"))
    let text = #"""
      {"name": "digits", "source": {"licence": "MIT"}, "timestep_dtype": "int64", "num_inference_steps": 50, "init_noise_sigma": 1.0,
       "timesteps": [9], "alphas": [0.5, 1], "sigmas": [0.5, 0], "golden_step_indices": [0], "runs": {"samples.npy": {}}, "eta": 0.0,
       "onnx": {"opset": 17, "sample": "x"}, "num_train_timesteps": 10, "_comment": "anything"}
      """#
    try folder.write("schedule.json", Array(text.utf8))
    #expect(try ScheduleFile("\(folder.path)/schedule.json").noiseSchedule().trainingSteps == 10)
  }

  @Test(arguments: [
    ("FlowMatchEulerDiscreteScheduler", #""invert_sigmas": true"#, "invert_sigmas"),
    ("FlowMatchEulerDiscreteScheduler", #""use_dynamic_shifting": true"#, "use_dynamic_shifting"),
    ("EulerDiscreteScheduler", #""use_beta_sigmas": true"#, "use_beta_sigmas"),
    ("EulerDiscreteScheduler", #""timestep_type": "continuous""#, "timestep_type"),
    ("DPMSolverMultistepScheduler", #""thresholding": true"#, "thresholding"),
    ("DPMSolverMultistepScheduler", #""lambda_min_clipped": -5.1"#, "lambda_min_clipped"),
    ("DPMSolverMultistepScheduler", #""algorithm_type": "deis""#, "algorithm_type"),
    ("UniPCMultistepScheduler", #""solver_order": 4"#, "solver_order"),
    ("PNDMScheduler", #""clever_option": 1"#, "clever_option"),
    ("KDPM2DiscreteScheduler", #""beta_start": 0.1"#, "_class_name"),
  ])
  func `refuses scheduler options by their name`(_ kind: String, _ option: String, _ key: String) throws {
    let folder = try TemporaryFolder(copyOf: Fixtures.unet("plain"))
    try folder.write("scheduler_config.json", Array("{\"_class_name\": \"\(kind)\", \(option)}".utf8))
    #expect {
      try NoiseSchedule(schedulerFile: "\(folder.path)/scheduler_config.json")
    } throws: { "\($0)".contains("'\(key)'") }
  }
}
