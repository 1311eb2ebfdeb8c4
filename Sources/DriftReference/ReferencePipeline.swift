import DriftGraph

/// A sampler and, where samples are latents, the decoder that makes pictures of them, in single precision. Safe for concurrent samples.
public struct ReferencePipeline: Sendable {
  /// Walks the steps.
  public let sampler: ReferenceSampler
  /// Makes pictures of the last state; nil where it is a picture.
  public let decoder: FloatDenoiser?

  /// A pipeline for a checkpoint.
  public init(checkpoint: Checkpoint, plan: SamplerPlan) {
    sampler = ReferenceSampler(checkpoint: checkpoint, plan: plan)
    decoder = checkpoint.decoder.map { FloatDenoiser($0) }
  }

  /// The picture of a state, channels first, in the range of the checkpoint's pictures.
  public func picture(_ state: [Float]) throws(ReferenceError) -> [Float] {
    guard let decoder else { return state }
    return try decoder.evaluate(x: state, timestep: 0)
  }

  /// Makes one picture; parameters as of `ReferenceSampler.generate`.
  public func generate(
    noise: [Float]? = nil, seed: UInt64 = 0, sampleIndex: UInt32 = 0, classLabel: Int? = nil, guidance: Float = 1,
    clippedEpsilon: Bool? = nil, onStep: ((ReferenceSampler.Step) -> Bool)? = nil
  ) throws(ReferenceError) -> [Float] {
    try picture(
      try sampler.generate(
        noise: noise, seed: seed, sampleIndex: sampleIndex, classLabel: classLabel, guidance: guidance,
        clippedEpsilon: clippedEpsilon, onStep: onStep))
  }
}
