import DriftGraph

extension ConfigReader {
  /// `sample_size`: one number for a square, or [height, width]; nil if it is left open.
  mutating func sampleSize() throws(ImportError) -> (height: Int, width: Int)? {
    let sides = 1...16_384
    guard let (values, isList) = optionalElements("sample_size"), isList else {
      return try optionalInteger("sample_size", in: sides).map { ($0, $0) }
    }
    guard values.count == 2, let pair = try optionalIntegers("sample_size", in: sides) else {
      throw wrong("sample_size", expected: "an integer or [height, width]")
    }
    return (pair[0], pair[1])
  }

  /// An activation by any of diffusers' names for it.
  mutating func activation(_ key: String, default fallback: String) throws(ImportError) -> Activation {
    guard let found = try optionalActivation(key, default: fallback) else {
      throw wrong(key, expected: Self.activationNames)
    }
    return found
  }

  /// An activation by any of diffusers' names for it; nil if the key is null, or absent and there is no fallback.
  mutating func optionalActivation(_ key: String, default fallback: String? = nil) throws(ImportError) -> Activation? {
    switch try optionalString(key)?.lowercased() ?? (has(key) ? nil : fallback) {
    case nil: return nil
    case "silu", "swish": return .silu
    case "relu": return .relu
    case "gelu": return .gelu
    case "mish": return .mish
    default: throw wrong(key, expected: Self.activationNames)
    }
  }

  private static var activationNames: String { "\"silu\", \"swish\", \"relu\", \"gelu\" or \"mish\"" }

  /// Keys of diffusers' EMAModel, which are written into the configuration when a model's averaged weights are saved.
  mutating func ignoreAverageOfWeights() {
    ignore("decay", "inv_gamma", "min_decay", "optimization_step", "power", "update_after_step", "use_ema_warmup")
  }
}
