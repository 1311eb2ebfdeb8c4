import DriftGraph

/// The noise schedule that CompVis' checkpoints hold as tensors.
enum ScheduleTensors {
  /// Keys that belong to it.
  static let names: Set<String> = [
    "betas", "alphas_cumprod", "alphas_cumprod_prev", "sqrt_alphas_cumprod", "sqrt_one_minus_alphas_cumprod",
    "log_one_minus_alphas_cumprod",
    "sqrt_recip_alphas_cumprod", "sqrt_recipm1_alphas_cumprod", "posterior_variance", "posterior_log_variance_clipped",
    "posterior_mean_coef1", "posterior_mean_coef2", "lvlb_weights", "logvar", "scale_factor", "model_ema.decay",
    "model_ema.num_updates",
  ]

  /// Cumulative products of 1 - beta; nil if the file has none.
  static func alphaBar(_ source: any TensorSource) throws(ImportError) -> [Double]? {
    guard let shape = source.shape(of: "alphas_cumprod") else {
      guard let shape = source.shape(of: "betas") else { return nil }
      try check(shape, "betas", source.path)
      let betas = try source.parameter("betas").values.map(Double.init)
      guard betas.allSatisfy({ (0...1).contains($0) }) else { throw ImportError(source.path, "'betas' do not all lie in 0 to 1") }
      return BetaSchedule.listed(betas).alphaBar(count: betas.count)
    }
    try check(shape, "alphas_cumprod", source.path)
    let values = try source.parameter("alphas_cumprod").values.map(Double.init)
    guard values.allSatisfy({ (0...1).contains($0) }) else {
      throw ImportError(source.path, "'alphas_cumprod' do not all lie in 0 to 1")
    }
    return values
  }

  private static func check(_ shape: [Int], _ name: String, _ path: String) throws(ImportError) {
    guard shape.count == 1, (1...100_000).contains(shape[0]) else {
      throw ImportError(path, "'\(name)' has shape \(shape), expected one value for each of 1 to 100000 training timesteps")
    }
  }
}
