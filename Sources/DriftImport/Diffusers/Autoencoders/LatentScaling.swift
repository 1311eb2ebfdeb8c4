import DriftGraph

/// From latents as they are diffused to latents as a decoder takes them: x * deviation / factor + offset, as diffusers' pipelines do.
struct LatentScaling {
  /// What latents were multiplied by before training.
  var factor: Float
  /// What is added afterwards, one value for each channel or one for all.
  var offsets: [Float]
  /// Deviation of each channel, or one for all.
  var deviations: [Float]

  /// Reads `scaling_factor`, `shift_factor`, `latents_mean` and `latents_std`.
  init(_ reader: inout ConfigReader, channels: Int, factor fallback: Double = 0.18215) throws(ImportError) {
    factor = Float(try reader.number("scaling_factor", default: fallback))
    guard factor.isFinite, factor != 0, (1 / factor).isFinite else {
      throw reader.wrong("scaling_factor", expected: "a number other than 0")
    }
    let shift = Float(try reader.optionalNumber("shift_factor") ?? 0)
    guard shift.isFinite else { throw reader.wrong("shift_factor", expected: "a finite number") }
    (offsets, deviations) = ([shift], [1])
    let mean = try reader.optionalNumbers("latents_mean"), deviation = try reader.optionalNumbers("latents_std")
    guard let mean, let deviation else { return }
    for (key, values) in [("latents_mean", mean), ("latents_std", deviation)] {
      guard values.count == channels, values.allSatisfy({ Float($0).isFinite }) else {
        throw reader.wrong(key, expected: "\(channels) finite numbers, as many as latent_channels")
      }
    }
    guard shift == 0 else {
      throw reader.wrong("shift_factor", expected: "0 or null where latents_mean and latents_std are given")
    }
    (offsets, deviations) = (mean.map { Float($0) }, deviation.map { Float($0) })
  }
}

extension GraphBuilder {
  /// Applies a scaling to latents.
  mutating func unscaled(_ x: Value, _ scaling: LatentScaling) throws(ImportError) -> Value {
    if scaling.deviations == [1], scaling.offsets == [0] { return try divided(x, by: scaling.factor, "latent.rescale") }
    func each(_ values: [Float]) -> [Float] {
      values.count == x.channels ? values : [Float](repeating: values.first ?? 0, count: x.channels)
    }
    let weight = constant("latent.factor", [x.channels, 1, 1, 1], each(scaling.deviations).map { $0 / scaling.factor })
    let bias = constant("latent.offset", [x.channels], each(scaling.offsets))
    return Value(
      node: try append(.depthwise(Convolution(weight: weight, bias: bias)), [x.node], "latent.rescale"), channels: x.channels)
  }

  /// The latents as a decoder's graph takes them.
  mutating func latents(_ shape: Shape, channels: Int, _ scaling: LatentScaling) throws(ImportError) -> Value {
    guard shape.channels == channels else {
      throw ImportError(
        architecture,
        "the decoder takes latents of \(channels) channels, but the denoiser makes \(shape); they do not belong together"
      )
    }
    return try unscaled(Value(node: try append(.sample, [], "latent", shape: shape), channels: channels), scaling)
  }
}
