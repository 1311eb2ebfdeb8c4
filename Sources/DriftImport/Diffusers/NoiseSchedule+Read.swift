import DriftGraph

extension NoiseSchedule {
  /// Reads a diffusers `scheduler_config.json`. The class names the sampler that is taken unless another is asked for.
  package init(schedulerFile path: String) throws(ImportError) {
    var reader = try ConfigReader(file: path)
    let name = try reader.string("_class_name")
    guard let kind = SchedulerClass(rawValue: name) else {
      throw reader.wrong(
        "_class_name",
        expected:
          "one of \(SchedulerClass.allCases.map(\.rawValue).joined(separator: ", ")) (or give the noise schedule with --schedule)"
      )
    }
    if kind == .flow {
      self = try Self.flowMatching(&reader)
    } else {
      try self.init(&reader, kind)
      try readSolver(&reader, kind)
    }
    sampler = kind.sampler
    reader.ignore("tensor_format")
    try reader.refuseOthers(in: "the options of \(name)")
  }

  /// Reads the keys that `scheduler_config.json` and `schedule.json` share, with diffusers' defaults.
  /// - Parameter kind: whose defaults these are.
  init(_ reader: inout ConfigReader, _ kind: SchedulerClass = .ddim) throws(ImportError) {
    let count = try reader.integer("num_train_timesteps", in: 1...100_000, default: 1000)
    let betas = try Self.betaSchedule(&reader, kind, count: count)
    let zeroSNR = try reader.bool("rescale_betas_zero_snr", default: false)
    let alphaBar = betas.alphaBar(count: count, rescaledToZeroSNR: zeroSNR)
    guard alphaBar.allSatisfy({ $0 >= 0 && $0 <= 1 }), betas.betas(count: count).allSatisfy({ $0 >= 0 && $0 <= 1 }) else {
      throw ImportError(reader.path, "the betas (beta_schedule, beta_start, beta_end, trained_betas) do not all lie in 0 to 1")
    }
    guard try !reader.bool("thresholding", default: false) else {
      throw reader.wrong("thresholding", expected: "false: dynamic thresholding cannot be converted")
    }
    reader.ignore("dynamic_thresholding_ratio", "sample_max_value")
    let clips = try reader.bool("clip_sample", default: kind.clips)
    let range = try reader.number("clip_sample_range", default: 1)
    guard range > 0, Float(range).isFinite else { throw reader.wrong("clip_sample_range", expected: "a number above 0") }
    self.init(
      alphaBar: alphaBar, prediction: try Self.prediction(&reader),
      spacing: try reader.choice("timestep_spacing", default: kind.spacing),
      stepsOffset: try reader.integer("steps_offset", in: 0...100_000, default: 0),
      setAlphaToOne: try reader.bool("set_alpha_to_one", default: kind != .pndm), clipRange: clips ? range : nil,
      variance: try kind == .ddpm || kind == .ddim ? reader.choice("variance_type", default: .fixedSmall) : .fixedSmall)
    solver.zeroSNR = zeroSNR
  }

  private static func betaSchedule(_ reader: inout ConfigReader, _ kind: SchedulerClass, count: Int) throws(ImportError)
    -> BetaSchedule
  {
    let first = try reader.number("beta_start", default: kind.betas.lowerBound)
    let last = try reader.number("beta_end", default: kind.betas.upperBound)
    let name = try reader.string("beta_schedule", default: kind == .lcm ? "scaled_linear" : "linear")
    if let listed = try reader.optionalNumbers("trained_betas") {
      guard listed.count == count else {
        throw ImportError(reader.path, "'trained_betas' has \(listed.count) values, expected \(count), as num_train_timesteps says")
      }
      return .listed(listed)
    }
    for (key, value) in [("beta_start", first), ("beta_end", last)] where !(0...1).contains(value) {
      throw reader.wrong(key, expected: "a number in 0 to 1")
    }
    switch name {
    case "linear": return .linear(from: first, to: last)
    case "scaled_linear": return .scaledLinear(from: first, to: last)
    case "squaredcos_cap_v2": return .squaredCosine
    case "sigmoid": return .sigmoid(from: first, to: last)
    case "laplace": return .laplace
    case "exp": return .exponential
    default:
      throw reader.wrong(
        "beta_schedule", expected: "\"linear\", \"scaled_linear\", \"squaredcos_cap_v2\", \"sigmoid\", \"laplace\" or \"exp\"")
    }
  }

  static func prediction(_ reader: inout ConfigReader) throws(ImportError) -> Prediction {
    // Before prediction_type, diffusers had predict_epsilon.
    guard try reader.bool("predict_epsilon", default: true) else {
      throw reader.wrong(
        "predict_epsilon", expected: "true; for a model that predicts the picture write \"prediction_type\": \"sample\"")
    }
    switch try reader.string("prediction_type", default: "epsilon") {
    case "epsilon": return .epsilon
    case "sample": return .sample
    case "v_prediction", "v": return .v
    case "flow_prediction", "flow": return .flow
    default: throw reader.wrong("prediction_type", expected: "\"epsilon\", \"sample\", \"v_prediction\" or \"flow_prediction\"")
    }
  }
}
