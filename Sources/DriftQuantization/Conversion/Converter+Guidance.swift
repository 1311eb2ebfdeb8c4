import DriftCalibration
import DriftEmission
import DriftGraph
import DriftReference
import DriftRuntime

extension Converter {
  /// Chooses what guides each step of a converted image and writes it into the image.
  /// - Returns: what was chosen, beside what the other ways would have cost.
  func cheapenGuidance(
    _ guidance: GuidanceOptions, _ image: inout DriftImage, source: Checkpoint, plan: SamplerPlan, progress: @escaping Progress
  ) throws -> GuidanceReport {
    let search = try GuidanceSearch(
      source, plan: plan, options: guidance, samples: options.calibrationSamples, seed: options.seed,
      clippedEpsilon: options.clippedEpsilon)
    let branches = try search.measureBranches { progress("compare branches", $0, $1) }
    let choice = try search.choose(guidance.skipping, branches: branches) { progress("fit estimates", $0, $1) }

    var ways: [(name: String, rows: [GuidanceRow])] = [("none", [GuidanceRow](repeating: .full, count: plan.steps.count))]
    for skipping in GuidanceSkipping.allCases {
      if skipping == guidance.skipping {
        ways.append((skipping.rawValue, choice.rows))
      } else if let other = try alternative(skipping, search, branches: branches, progress: progress) {
        ways.append((skipping.rawValue, other.rows))
      }
    }
    let trial = GuidanceTrial(
      checkpoint: source, pipeline: ReferencePipeline(checkpoint: source, plan: plan), options: options, guidance: guidance)
    let measured = try trial.run(ways, image: image) { progress("compare guidance", $0, $1) }
    try image.guide(choice.rows)
    image.metadata += [
      ("guidance.skipping", guidance.skipping.rawValue), ("guidance.threshold", "\(guidance.threshold)"),
      ("guidance.weight", "\(guidance.weight)"),
    ]
    return GuidanceReport(choice, options: guidance, ways: measured, samples: GuidanceTrial.samples, seed: trial.seed)
  }

  /// The other way, to compare with; nil where it would save nothing.
  private func alternative(
    _ skipping: GuidanceSkipping, _ search: GuidanceSearch, branches: [BranchAgreement], progress: @escaping Progress
  ) throws -> GuidanceChoice? {
    do {
      return try search.choose(skipping, branches: branches) { progress("fit estimates", $0, $1) }
    } catch is GuidanceError {
      return nil
    }
  }
}
