import DriftGraph
import DriftRuntime

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

  private let rows: [SamplerRow]

  /// A sampler for a checkpoint.
  public init(checkpoint: Checkpoint, plan: SamplerPlan) {
    self.init(denoiser: FloatDenoiser(checkpoint.graph), plan: plan, nullClass: checkpoint.nullClass)
  }

  /// A sampler around a denoiser that is shared with others.
  public init(denoiser: FloatDenoiser, plan: SamplerPlan, nullClass: Int?) {
    self.denoiser = denoiser
    self.plan = plan
    self.nullClass = nullClass
    rows = plan.steps.map(SamplerRow.init)
  }

  /// The coefficients of a step.
  func row(_ step: Int) -> SamplerRow { rows[step] }

  /// Makes one sample, channels first, in the model's own range.
  /// - Parameters:
  ///   - noise: starting noise, unit variance; nil: stream 0 of `seed` and `sampleIndex`.
  ///   - classLabel: nil: the null class, if there is one.
  ///   - guidance: weight of the class over no class; 1 evaluates the denoiser once a step.
  ///   - clippedEpsilon: re-derive the noise from the clipped estimate; nil: where guidance is not 1 and the step clips.
  ///   - tap: receives every node's result with the index of the step; with guidance those of both evaluations.
  ///   - onStep: receives what each step did; false stops the walk, and the state reached is returned.
  public func generate(
    noise: [Float]? = nil, seed: UInt64 = 0, sampleIndex: UInt32 = 0, classLabel: Int? = nil, guidance: Float = 1,
    clippedEpsilon: Bool? = nil, tap: ((Int, NodeID, UnsafeBufferPointer<Float>) -> Void)? = nil, onStep: ((Step) -> Bool)? = nil
  ) throws(ReferenceError) -> [Float] {
    let count = denoiser.graph.sampleShape?.count ?? 0
    if let noise, noise.count != count {
      throw ReferenceError("the starting noise has \(noise.count) values, the model takes \(count)")
    }
    if guidance != 1 && nullClass == nil {
      throw ReferenceError("guidance \(guidance) needs a class that means \"no class\", which the checkpoint does not name")
    }
    let label = classLabel ?? nullClass
    var x = noise ?? Self.noise(count, seed, DriftRuntime.Noise.startingStream, sampleIndex)
    if plan.initialScale != 1 { for i in x.indices { x[i] *= plan.initialScale } }

    var history = SamplerHistory(slots: plan.historyCount, count: count)

    for (index, step) in plan.steps.enumerated() {
      func evaluate(_ label: Int?) throws(ReferenceError) -> [Float] {
        guard let tap else { return try denoiser.evaluate(x: x, timestep: step.timestep, classLabel: label) }
        return try denoiser.evaluate(x: x, timestep: step.timestep, classLabel: label) { tap(index, $0, $1) }
      }
      var output = try evaluate(label)
      if guidance != 1 {
        let free = try evaluate(nullClass)
        output.withUnsafeMutableBufferPointer { SamplerRow.guide($0, unconditional: free, weight: guidance) }
      }
      let row = rows[index]
      let fresh = row.addsNoise ? Self.noise(count, seed, UInt32(index) + 1, sampleIndex) : nil
      let before = onStep == nil ? [] : x
      let clipped = clippedEpsilon ?? (guidance != 1 && row.clips)
      x.withUnsafeMutableBufferPointer { x in
        output.withUnsafeBufferPointer { output in
          guard let output = output.baseAddress else { return }
          history.withSlots { row.apply(x: x, e: output, noise: fresh, history: $0, clippedEpsilon: clipped) }
        }
      }
      if let onStep, !Self.report(index, before, output, x, to: onStep) { break }
    }
    return x
  }

  private static func report(_ index: Int, _ before: [Float], _ output: [Float], _ next: [Float], to onStep: (Step) -> Bool) -> Bool
  {
    before.withUnsafeBufferPointer { before in
      output.withUnsafeBufferPointer { output in
        next.withUnsafeBufferPointer { next in onStep(Step(index: index, sample: before, output: output, next: next)) }
      }
    }
  }

  private static func noise(_ count: Int, _ seed: UInt64, _ stream: UInt32, _ sample: UInt32) -> [Float] {
    [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
      Noise.fillNormal(buffer, seed: seed, stream: stream, sample: sample)
      initialized = count
    }
  }
}

extension SamplerRow {
  /// The row of a plan.
  public init(_ step: SamplerStep) {
    self.init(
      p: step.p, q: step.q, a: step.a, b: step.b, g: step.g, clippedA: step.clippedA, clippedB: step.clippedB, d: step.d,
      clip: step.clip.map { (-$0, $0) })
    func factor(_ slot: Int) -> Float { slot < step.history.count ? step.history[slot] : 0 }
    c = (factor(0), factor(1), factor(2), factor(3))
    if let kept = step.keeps {
      writeSlot = Int32(kept.slot)
      writeSource = HistorySource(rawValue: kept.source.rawValue) ?? .state
    }
  }
}
