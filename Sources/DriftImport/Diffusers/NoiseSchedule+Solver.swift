import DriftGraph

extension NoiseSchedule {
  /// Reads what only some scheduler classes have.
  mutating func readSolver(_ reader: inout ConfigReader, _ kind: SchedulerClass) throws(ImportError) {
    switch kind {
    case .ddim, .ddpm, .flow: break
    case .pndm: solver.skipsRungeKutta = try reader.bool("skip_prk_steps", default: false)
    case .ancestral: break
    case .heun: try readSpread(&reader)
    case .euler:
      try readSpread(&reader)
      try readBounds(&reader)
      solver.end = try reader.choice("final_sigmas_type", default: .zero)
      switch try reader.string("interpolation_type", default: "linear") {
      case "linear": break
      case "log_linear": solver.logLinear = true
      default: throw reader.wrong("interpolation_type", expected: "\"linear\" or \"log_linear\"")
      }
      guard try reader.string("timestep_type", default: "discrete") == "discrete" else {
        throw reader.wrong("timestep_type", expected: "\"discrete\": continuous timesteps cannot be converted")
      }
    case .multistep: try readMultistep(&reader)
    case .unified: try readUnified(&reader)
    case .lcm:
      solver.originalSteps = try reader.integer("original_inference_steps", in: 1...100_000, default: 50)
      solver.timestepScaling = try reader.number("timestep_scaling", default: 10)
      guard solver.timestepScaling > 0, Float(solver.timestepScaling).isFinite else {
        throw reader.wrong("timestep_scaling", expected: "a number above 0")
      }
    }
    if kind == .multistep || kind == .unified {
      guard (prediction == .flow) == (solver.spread == .flow || solver.spreadOfFlow) || prediction != .flow else {
        throw reader.wrong("use_flow_sigmas", expected: "true, as prediction_type is \"flow_prediction\"")
      }
      if solver.spread == .flow || solver.spreadOfFlow, prediction == .v {
        throw reader.wrong("prediction_type", expected: "another than \"v_prediction\", which is not defined with use_flow_sigmas")
      }
    } else if prediction == .flow {
      throw reader.wrong("prediction_type", expected: "\"epsilon\", \"sample\" or \"v_prediction\" for this class")
    }
  }

  private mutating func readMultistep(_ reader: inout ConfigReader) throws(ImportError) {
    solver.order = try reader.integer("solver_order", in: 1...3, default: 2)
    if try reader.string("algorithm_type", default: "dpmsolver++") == "deis" {
      throw reader.wrong("algorithm_type", expected: "\"dpmsolver\", \"dpmsolver++\", \"sde-dpmsolver\" or \"sde-dpmsolver++\"")
    }
    solver.algorithm = try reader.choice("algorithm_type", default: .dataODE)
    solver.correction = try reader.choice("solver_type", default: .midpoint)
    solver.lowerOrderFinal = try reader.bool("lower_order_final", default: true)
    solver.eulerAtFinal = try reader.bool("euler_at_final", default: false)
    solver.end = try reader.choice("final_sigmas_type", default: .zero)
    try readSpread(&reader)
    if try reader.bool("use_lu_lambdas", default: false) {
      guard solver.spread == .timesteps else {
        throw reader.wrong("use_lu_lambdas", expected: "false beside another spread of noise levels")
      }
      solver.spread = .lambdas
    }
    if try reader.bool("use_flow_sigmas", default: false) {
      guard solver.spread == .timesteps else {
        throw reader.wrong("use_flow_sigmas", expected: "false beside another spread of noise levels")
      }
      solver.spread = .flow
    }
    try readFlowShift(&reader)
    solver.keepsFractions = try reader.optionalString("beta_schedule") == "squaredcos_cap_v2"
    guard !reader.has("lambda_min_clipped") || (try? reader.string("lambda_min_clipped")) == "-Infinity" else {
      throw reader.wrong("lambda_min_clipped", expected: "-Infinity: clipped noise levels cannot be converted")
    }
    guard try reader.optionalString("variance_type") == nil else {
      throw reader.wrong("variance_type", expected: "null: learned variances cannot be converted")
    }
  }

  private mutating func readUnified(_ reader: inout ConfigReader) throws(ImportError) {
    solver.order = try reader.integer("solver_order", in: 1...3, default: 2)
    solver.ofData = try reader.bool("predict_x0", default: true)
    switch try reader.string("solver_type", default: "bh2") {
    case "bh1": solver.plainStepFunction = true
    case "bh2": solver.plainStepFunction = false
    default: throw reader.wrong("solver_type", expected: "\"bh1\" or \"bh2\"")
    }
    solver.lowerOrderFinal = try reader.bool("lower_order_final", default: true)
    solver.uncorrected = Set(try reader.optionalIntegers("disable_corrector", in: 0...100_000) ?? [])
    solver.end = try reader.choice("final_sigmas_type", default: .zero)
    try readSpread(&reader)
    try readBounds(&reader)
    if try reader.bool("use_flow_sigmas", default: false) {
      switch solver.spread {
      case .timesteps: solver.spread = .flow
      case .karras: solver.spreadOfFlow = true
      default: throw reader.wrong("use_flow_sigmas", expected: "false beside another spread of noise levels")
      }
    }
    try readFlowShift(&reader)
    solver.shiftTerminal = try reader.optionalNumber("shift_terminal")
    guard solver.shiftTerminal.map({ (0..<1).contains($0) }) ?? true else {
      throw reader.wrong("shift_terminal", expected: "null or a number in 0 to below 1")
    }
    guard reader.isNull("solver_p") else { throw reader.wrong("solver_p", expected: "null: another predictor cannot be converted") }
  }

  private mutating func readFlowShift(_ reader: inout ConfigReader) throws(ImportError) {
    solver.flowShift = try reader.number("flow_shift", default: 1)
    guard solver.flowShift > 0, Float(solver.flowShift).isFinite else {
      throw reader.wrong("flow_shift", expected: "a number above 0")
    }
    try Self.refuseDynamicShift(&reader)
  }

  private static func refuseDynamicShift(_ reader: inout ConfigReader) throws(ImportError) {
    guard try !reader.bool("use_dynamic_shifting", default: false) else {
      throw reader.wrong(
        "use_dynamic_shifting", expected: "false: write the shift for the picture's size as 'shift' or 'flow_shift'")
    }
    reader.ignore("time_shift_type")
  }

  /// Karras' and exponential noise levels.
  private mutating func readSpread(_ reader: inout ConfigReader) throws(ImportError) {
    guard try !reader.optionalBool("use_beta_sigmas") else {
      throw reader.wrong("use_beta_sigmas", expected: "false: use_karras_sigmas or use_exponential_sigmas can be converted")
    }
    let (karras, exponential) = (try reader.optionalBool("use_karras_sigmas"), try reader.optionalBool("use_exponential_sigmas"))
    guard !karras || !exponential else {
      throw reader.wrong("use_exponential_sigmas", expected: "false beside use_karras_sigmas")
    }
    if karras { solver.spread = .karras }
    if exponential { solver.spread = .exponential }
  }

  private mutating func readBounds(_ reader: inout ConfigReader) throws(ImportError) {
    solver.sigmaMin = try reader.optionalNumber("sigma_min")
    solver.sigmaMax = try reader.optionalNumber("sigma_max")
    for (key, value) in [("sigma_min", solver.sigmaMin), ("sigma_max", solver.sigmaMax)] {
      guard value.map({ $0 > 0 && Float($0).isFinite }) ?? true else {
        throw reader.wrong(key, expected: "null or a number above 0")
      }
    }
  }

  /// diffusers' FlowMatchEulerDiscreteScheduler.
  static func flowMatching(_ reader: inout ConfigReader) throws(ImportError) -> NoiseSchedule {
    let count = try reader.integer("num_train_timesteps", in: 1...100_000, default: 1000)
    var schedule = NoiseSchedule(
      process: .linear(.sigma(scale: Double(count))), trainingSteps: count, prediction: .flow, clipRange: nil, sampler: "flow")
    schedule.solver.flowShift = try reader.number("shift", default: 1)
    guard schedule.solver.flowShift > 0, Float(schedule.solver.flowShift).isFinite else {
      throw reader.wrong("shift", expected: "a number above 0")
    }
    try refuseDynamicShift(&reader)
    reader.ignore("base_shift", "max_shift", "base_image_seq_len", "max_image_seq_len")
    guard try !reader.bool("invert_sigmas", default: false) else {
      throw reader.wrong("invert_sigmas", expected: "false: a walk from the picture to the noise cannot be converted")
    }
    schedule.solver.shiftTerminal = try reader.optionalNumber("shift_terminal")
    guard schedule.solver.shiftTerminal.map({ (0..<1).contains($0) }) ?? true else {
      throw reader.wrong("shift_terminal", expected: "null or a number in 0 to below 1")
    }
    if schedule.solver.shiftTerminal == 0 { schedule.solver.shiftTerminal = nil }
    try schedule.readSpread(&reader)
    schedule.solver.stochastic = try reader.bool("stochastic_sampling", default: false)
    return schedule
  }
}
