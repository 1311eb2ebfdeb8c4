import ArgumentParser
import DriftCalibration

/// How `convert` makes guided pictures cheaper.
struct GuidanceSkipOptions: ParsableArguments {
  /// `--guidance-skip`.
  enum Name: String, CaseIterable, ExpressibleByArgument { case none, adaptive, linear }

  @Option(
    help: ArgumentHelp(
      "Save evaluations of guided steps: none, adaptive (the class alone, late) or linear (estimate the null class).",
      valueName: "name"))
  var guidanceSkip: Name = .none

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Weight of guidance that evaluations are saved for (default: 2).", valueName: "w"))
  var guidance: Float?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "From which cosine on the clean pictures of both branches count as the same, between 0 and 1 (default: 0.9998).",
      valueName: "c"))
  var guidanceThreshold: Double?

  @Option(help: ArgumentHelp("Estimated steps between two full ones with linear, 1 to 16 (default: 1).", valueName: "n"))
  var guidanceEstimates: Int?

  mutating func validate() throws {
    if guidanceSkip == .none, let given = firstGiven {
      throw ValidationError("\(given): belongs to --guidance-skip adaptive or linear; leave it out, or add that option")
    }
    if let guidance {
      try ClassOption.validate(guidance: guidance)
      guard guidance != 0, guidance != 1 else {
        throw ValidationError(
          "--guidance \(guidance): needs one evaluation a step anyway; choose another weight for --guidance-skip")
      }
    }
    if let guidanceThreshold, !(guidanceThreshold > 0 && guidanceThreshold < 1) {
      throw ValidationError("--guidance-threshold \(guidanceThreshold): must lie between 0 and 1")
    }
    if let guidanceEstimates {
      guard (1...16).contains(guidanceEstimates) else {
        throw ValidationError("--guidance-estimates \(guidanceEstimates): must be between 1 and 16")
      }
      guard guidanceSkip == .linear else {
        throw ValidationError("--guidance-estimates: belongs to --guidance-skip linear; leave it out")
      }
    }
  }

  private var firstGiven: String? {
    if guidance != nil { return "--guidance" }
    if guidanceThreshold != nil { return "--guidance-threshold" }
    return guidanceEstimates != nil ? "--guidance-estimates" : nil
  }

  /// The converter's words for it; nil for none.
  var choice: GuidanceOptions? {
    let skipping: GuidanceSkipping
    switch guidanceSkip {
    case .none: return nil
    case .adaptive: skipping = .adaptive
    case .linear: skipping = .linear
    }
    return GuidanceOptions(
      skipping: skipping, weight: guidance ?? GuidanceOptions.defaultWeight,
      threshold: guidanceThreshold ?? GuidanceOptions.defaultThreshold, estimates: guidanceEstimates ?? 1)
  }
}
