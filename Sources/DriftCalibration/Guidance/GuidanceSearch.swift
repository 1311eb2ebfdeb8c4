import DriftGraph
import DriftReference
import DriftRuntime
import Synchronization

/// Chooses what guides each step from trajectories of the float model on calibration seeds.
///
public struct GuidanceSearch: Sendable {
  /// Called with the steps done and their number; from one thread at a time.
  public typealias Progress = @Sendable (_ done: Int, _ of: Int) -> Void

  let sampler: ReferenceSampler
  let options: GuidanceOptions
  private let labels: [Int]
  private let samples: Int
  private let seed: UInt64
  private let clippedEpsilon: Bool

  /// - Parameters:
  ///   - samples: trajectories at most; one for each class is enough, and twenty are.
  ///   - clippedEpsilon: re-derive the noise from the clipped estimate at every step.
  /// - Throws: `GuidanceError` of ``check(_:plan:options:)``.
  public init(
    _ checkpoint: Checkpoint, plan: SamplerPlan, options: GuidanceOptions, samples: Int, seed: UInt64, clippedEpsilon: Bool
  ) throws(GuidanceError) {
    try Self.check(checkpoint, plan: plan, options: options)
    sampler = ReferenceSampler(checkpoint: checkpoint, plan: plan)
    labels = (0..<checkpoint.graph.classCount).filter { $0 != checkpoint.nullClass }
    self.options = options
    self.samples = min(samples, max(20, labels.count))
    self.seed = seed
    self.clippedEpsilon = clippedEpsilon
  }

  /// Whether there is anything to save and the options make sense, before any work is done.
  /// - Throws: `GuidanceError`.
  public static func check(_ checkpoint: Checkpoint, plan: SamplerPlan, options: GuidanceOptions) throws(GuidanceError) {
    let name = "guidance skipping '\(options.skipping.rawValue)'"
    guard checkpoint.nullClass != nil else {
      throw GuidanceError(
        "\(name): \(checkpoint.description) has no label for \"no class\", so there is no second evaluation to save; leave the option out"
      )
    }
    guard checkpoint.graph.classCount > 1 else {
      throw GuidanceError("\(name): \(checkpoint.description) has no class besides \"no class\"; leave the option out")
    }
    guard options.weight.isFinite, options.weight > 0, options.weight != 1 else {
      throw GuidanceError("\(name): weight \(options.weight) needs one evaluation a step anyway; choose another weight")
    }
    guard options.threshold > 0, options.threshold < 1 else {
      throw GuidanceError("\(name): the threshold is a cosine between 0 and 1, and \(options.threshold) is not")
    }
    guard options.estimates >= 1 else {
      throw GuidanceError("\(name): \(options.estimates) estimates between full steps; at least one is needed")
    }
    guard options.skipping != .linear || plan.steps.count > 1 else {
      throw GuidanceError("\(name): an estimate starts from an earlier step, so at least two steps are needed")
    }
  }

  /// Chooses.
  /// - Parameter skipping: one of the two ways, not only the options'.
  /// - Throws: `GuidanceError` if no step reaches the threshold, `ReferenceError`.
  public func choose(
    _ skipping: GuidanceSkipping, branches: [BranchAgreement], progress: @escaping Progress = { _, _ in }
  ) throws -> GuidanceChoice {
    let count = branches.count
    let tail = count - branches.reversed().prefix { $0.mean >= options.threshold }.count
    var choice = GuidanceChoice(
      rows: (0..<count).map { $0 < tail ? .full : .skipped }, branches: branches,
      estimates: [BranchAgreement?](repeating: nil, count: count))
    if skipping == .linear { choice = try fitted(choice, tail: tail, progress: progress) }
    guard choice.evaluations < 2 * count else { throw nothingReached(skipping, choice) }
    return choice
  }

  /// Agreement of the branches at every step of trajectories with full guidance.
  public func measureBranches(progress: @escaping Progress = { _, _ in }) throws -> [BranchAgreement] {
    let done = Mutex(0)
    let lanes = try LaneRunner.run { lane in
      try walks(lane).map { walk in
        var walk = walk
        var pairs: [BranchAgreement] = []
        for step in sampler.plan.steps.indices {
          let branches = try walk.evaluate(step: step, both: true)
          var agreement = BranchAgreement()
          agreement.add(
            walk.cleanEstimate(step: step, branches.classAnswer), walk.cleanEstimate(step: step, branches.nullAnswer ?? []))
          pairs.append(agreement)
          walk.advance(step: step, .full, branches)
        }
        progress(
          done.withLock {
            $0 += 1
            return $0
          }, samples)
        return pairs
      }
    }
    return sampler.plan.steps.indices.map { step in
      lanes.joined().reduce(into: BranchAgreement()) { $0.add($1[step]) }
    }
  }

  /// The walks of a lane, at their beginning: all classes in turn.
  func walks(_ lane: Int) throws -> [GuidedWalk] {
    try stride(from: lane, to: samples, by: LaneRunner.laneCount).map { sample in
      try GuidedWalk(
        sampler, seed: seed, sampleIndex: UInt32(sample), classLabel: labels[sample % labels.count], weight: options.weight,
        clippedEpsilon: clippedEpsilon)
    }
  }

  private func nothingReached(_ skipping: GuidanceSkipping, _ choice: GuidanceChoice) -> GuidanceError {
    switch skipping {
    case .adaptive:
      GuidanceError(
        "guidance skipping 'adaptive': no evaluation can be saved, the branches' cosine at the last step is \(Float(choice.branches.last?.mean ?? 0)) and the threshold \(options.threshold); lower the threshold or leave the option out"
      )
    case .linear:
      GuidanceError(
        "guidance skipping 'linear': no evaluation can be saved, every estimate leaves more than \(GuidanceOptions.remainder) of the difference between the branches; take more steps or leave the option out"
      )
    }
  }
}
