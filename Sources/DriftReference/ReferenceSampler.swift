import DriftGraph

/// Walks a sampler's steps with the float denoiser; the same arithmetic and noise as the device. Safe for concurrent samples.
public struct ReferenceSampler: Sendable {
  /// What a step did. The values are valid during the call only.
  public struct Step {
    /// Index into the plan's steps.
    public var index: Int
    /// x_t, before the step.
    public var sample: UnsafeBufferPointer<Float>
    /// The denoiser's answer, guidance applied.
    public var output: UnsafeBufferPointer<Float>
    /// The state after the step.
    public var next: UnsafeBufferPointer<Float>
  }

  /// What is run.
  public let denoiser: FloatDenoiser
  /// The steps.
  public let plan: SamplerPlan
  /// The class label of "no class".
  public let nullClass: Int?

  /// A sampler for a checkpoint.
  public init(checkpoint: Checkpoint, plan: SamplerPlan) {
    self.denoiser = FloatDenoiser(checkpoint.graph)
    self.plan = plan
    self.nullClass = checkpoint.nullClass
  }

  /// Makes one sample, channels first, in the model's own range.
  /// - Parameters:
  ///   - noise: starting noise; nil: stream 0 of `seed` and `sampleIndex`.
  ///   - clippedEpsilon: re-derive the noise from the clipped estimate; nil: where guidance is not 1 and the step clips.
  ///   - tap: receives every node's result with the index of the step.
  ///   - onStep: receives what each step did; false stops the walk.
  public func generate(
    noise: [Float]? = nil, seed: UInt64 = 0, sampleIndex: UInt32 = 0, classLabel: Int? = nil, guidance: Float = 1,
    clippedEpsilon: Bool? = nil, tap: ((Int, NodeID, UnsafeBufferPointer<Float>) -> Void)? = nil, onStep: ((Step) -> Bool)? = nil
  ) throws(ReferenceError) -> [Float] {
    throw ReferenceError("the executor is being written")
  }
}
