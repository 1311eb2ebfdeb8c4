import DriftGraph

extension NoiseSchedule {
  /// Reads a diffusers `scheduler_config.json` of the classes that keep the whole noise schedule in it.
  init(schedulerFile path: String) throws(ImportError) {
    var reader = try ConfigReader(file: path)
    let name = try reader.string("_class_name")
    guard ["DDIMScheduler", "DDPMScheduler"].contains(name) else {
      throw reader.wrong(
        "_class_name", expected: "\"DDIMScheduler\" or \"DDPMScheduler\" (or give the noise schedule with --schedule)")
    }
    try self.init(&reader)
    reader.ignore("tensor_format")
    try reader.refuseOthers(in: "the options of \(name)")
  }

  /// Reads the keys that `scheduler_config.json` and `schedule.json` share, with diffusers' defaults.
  init(_ reader: inout ConfigReader) throws(ImportError) {
    let count = try reader.integer("num_train_timesteps", in: 1...100_000, default: 1000)
    let betas = try Self.betaSchedule(&reader, count: count)
    let alphaBar = betas.alphaBar(count: count, rescaledToZeroSNR: try reader.bool("rescale_betas_zero_snr", default: false))
    guard alphaBar.allSatisfy({ $0 >= 0 && $0 <= 1 }), betas.betas(count: count).allSatisfy({ $0 >= 0 && $0 <= 1 }) else {
      throw ImportError(reader.path, "the betas (beta_schedule, beta_start, beta_end, trained_betas) do not all lie in 0 to 1")
    }
    guard try !reader.bool("thresholding", default: false) else {
      throw reader.wrong("thresholding", expected: "false: dynamic thresholding cannot be converted")
    }
    reader.ignore("dynamic_thresholding_ratio", "sample_max_value")
    let clips = try reader.bool("clip_sample", default: true)
    let range = try reader.number("clip_sample_range", default: 1)
    guard range > 0, Float(range).isFinite else { throw reader.wrong("clip_sample_range", expected: "a number above 0") }
    self.init(
      alphaBar: alphaBar, prediction: try Self.prediction(&reader),
      spacing: try reader.choice("timestep_spacing", default: .leading),
      stepsOffset: try reader.integer("steps_offset", in: 0...100_000, default: 0),
      setAlphaToOne: try reader.bool("set_alpha_to_one", default: true), clipRange: clips ? range : nil,
      variance: try reader.choice("variance_type", default: .fixedSmall))
  }

  private static func betaSchedule(_ reader: inout ConfigReader, count: Int) throws(ImportError) -> BetaSchedule {
    let first = try reader.number("beta_start", default: 0.0001)
    let last = try reader.number("beta_end", default: 0.02)
    let name = try reader.string("beta_schedule", default: "linear")
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
    default: throw reader.wrong("beta_schedule", expected: "\"linear\", \"scaled_linear\", \"squaredcos_cap_v2\" or \"sigmoid\"")
    }
  }

  private static func prediction(_ reader: inout ConfigReader) throws(ImportError) -> Prediction {
    // Before prediction_type, diffusers had predict_epsilon.
    guard try reader.bool("predict_epsilon", default: true) else {
      throw reader.wrong(
        "predict_epsilon", expected: "true; for a model that predicts the picture write \"prediction_type\": \"sample\"")
    }
    switch try reader.string("prediction_type", default: "epsilon") {
    case "epsilon": return .epsilon
    case "sample": return .sample
    case "v_prediction", "v": return .v
    default: throw reader.wrong("prediction_type", expected: "\"epsilon\", \"sample\" or \"v_prediction\"")
    }
  }
}
