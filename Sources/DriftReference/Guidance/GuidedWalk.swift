import DriftGraph
import DriftRuntime

/// One sample on its way through a sampler with guidance, a step at a time, so that the caller may look at both branches and choose what
/// guides. The arithmetic and the noise are the device's.
public struct GuidedWalk: Sendable {
  /// What both branches say about a state.
  public struct Branches: Sendable {
    /// The answer for the class.
    public var classAnswer: [Float]
    /// The answer for "no class"; nil where it was not asked for.
    public var nullAnswer: [Float]?
  }

  /// The state, channels first.
  public private(set) var x: [Float]
  /// The null class's last answer or estimate; empty before the first.
  public private(set) var lastNull: [Float] = []
  /// The class's answer that belongs to it.
  public private(set) var lastClass: [Float] = []

  private var history: SamplerHistory
  private let sampler: ReferenceSampler
  private let seed: UInt64
  private let sampleIndex: UInt32
  private let classLabel: Int
  private let nullClass: Int
  private let weight: Float
  private let clippedEpsilon: Bool

  /// A walk from the noise of a seed.
  /// - Parameters:
  ///   - weight: of the class over no class.
  ///   - clippedEpsilon: re-derive the noise from the clipped estimate at every step, not only where guidance meets clipping.
  /// - Throws: `ReferenceError` if the checkpoint names no class that means "no class".
  public init(
    _ sampler: ReferenceSampler, seed: UInt64, sampleIndex: UInt32, classLabel: Int, weight: Float, clippedEpsilon: Bool
  ) throws(ReferenceError) {
    guard let nullClass = sampler.nullClass else {
      throw ReferenceError("guidance needs a class that means \"no class\", which the checkpoint does not name")
    }
    self.sampler = sampler
    (self.seed, self.sampleIndex) = (seed, sampleIndex)
    (self.classLabel, self.nullClass) = (classLabel, nullClass)
    (self.weight, self.clippedEpsilon) = (weight, clippedEpsilon)
    let scale = sampler.plan.initialScale
    x = Self.noise(
      sampler.denoiser.graph.sampleShape?.count ?? 0, seed, DriftRuntime.Noise.startingStream, sampleIndex
    ).map { scale * $0 }
    history = SamplerHistory(slots: sampler.plan.historyCount, count: x.count)
  }

  /// Evaluates the denoiser at the state.
  /// - Parameter both: the null class's answer too.
  public func evaluate(step: Int, both: Bool) throws(ReferenceError) -> Branches {
    let timestep = sampler.plan.steps[step].timestep
    let answer = try sampler.denoiser.evaluate(x: x, timestep: timestep, classLabel: classLabel)
    guard both else { return Branches(classAnswer: answer, nullAnswer: nil) }
    return Branches(
      classAnswer: answer, nullAnswer: try sampler.denoiser.evaluate(x: x, timestep: timestep, classLabel: nullClass))
  }

  /// The clean picture that an answer means at a step, clipped as the step clips: what an answer's error does to the picture, which the
  /// answer itself does not show. At the clean end noise predictions differ where it no longer matters, at the noisy end they hardly
  /// differ where it does.
  public func cleanEstimate(step: Int, _ answer: [Float]) -> [Float] {
    let row = sampler.row(step)
    return zip(x, answer).map { state, e in
      let estimate = row.p * state + row.q * e
      return row.clips ? min(max(estimate, row.clipLow), row.clipHigh) : estimate
    }
  }

  /// The null class's answer as a row estimates it from the class's answer now.
  public func estimate(_ row: GuidanceRow, classAnswer: [Float]) -> [Float] {
    var result = lastNull
    result.withUnsafeMutableBufferPointer { result in
      lastClass.withUnsafeBufferPointer { last in
        classAnswer.withUnsafeBufferPointer { now in
          guard let last = last.baseAddress, let now = now.baseAddress else { return }
          row.estimate(result, last: last, now: now)
        }
      }
    }
    return result
  }

  /// Takes the state through a step.
  /// - Parameter branches: of ``evaluate(step:both:)`` at this step; a full step needs both.
  public mutating func advance(step: Int, _ row: GuidanceRow, _ branches: Branches) {
    var answer = branches.classAnswer
    if row.kind != .skipped {
      lastNull = row.kind == .estimated ? estimate(row, classAnswer: answer) : branches.nullAnswer ?? answer
      lastClass = answer
      answer.withUnsafeMutableBufferPointer { answer in
        lastNull.withUnsafeBufferPointer { null in
          guard let null = null.baseAddress else { return }
          SamplerRow.guide(answer, unconditional: null, weight: weight)
        }
      }
    }
    let samplerRow = sampler.row(step)
    let fresh = samplerRow.addsNoise ? Self.noise(x.count, seed, UInt32(step) + 1, sampleIndex) : nil
    let clipped = clippedEpsilon || (weight != 1 && samplerRow.clips)
    x.withUnsafeMutableBufferPointer { x in
      answer.withUnsafeBufferPointer { answer in
        guard let answer = answer.baseAddress else { return }
        history.withSlots { samplerRow.apply(x: x, e: answer, noise: fresh, history: $0, clippedEpsilon: clipped) }
      }
    }
  }

  /// Walks all steps as the rows say.
  public mutating func run(_ rows: [GuidanceRow]) throws(ReferenceError) {
    for (step, row) in rows.enumerated() {
      advance(step: step, row, try evaluate(step: step, both: row.kind == .full))
    }
  }

  private static func noise(_ count: Int, _ seed: UInt64, _ stream: UInt32, _ sample: UInt32) -> [Float] {
    [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
      Noise.fillNormal(buffer, seed: seed, stream: stream, sample: sample)
      initialized = count
    }
  }
}
