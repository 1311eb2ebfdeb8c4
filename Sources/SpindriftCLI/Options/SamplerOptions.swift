import ArgumentParser
import DriftGraph
import DriftImport

/// How a checkpoint is sampled: for `convert`, and for commands that run a checkpoint directly.
struct SamplerOptions: ParsableArguments {
  /// Samplers of the command's contract.
  enum Name: String, CaseIterable, ExpressibleByArgument {
    case ddim, ddpm, euler, eulerAncestral = "euler-ancestral", heun, pndm, dpmpp2m = "dpmpp-2m", dpmpp2mSDE = "dpmpp-2m-sde", dpm,
      unipc, lcm, flow
  }

  @Option(
    help: ArgumentHelp(
      "Sampler: \(Name.allCases.map(\.rawValue).joined(separator: ", ")) (default: the one that the checkpoint's schedule names).",
      valueName: "name"))
  var sampler: Name?

  @Option(help: ArgumentHelp("Number of sampler steps (default: 50).", valueName: "n"))
  var steps: Int?

  @Option(help: ArgumentHelp("Share of fresh noise of ddim, 0 to 1 (default: 0).", valueName: "x"))
  var eta: Double?

  @Flag(help: "Re-derive the noise from the clipped estimate at every step (default: only where guidance meets clipping).")
  var clippedEpsilon = false

  @OptionGroup var checkpoint: CheckpointOptions

  mutating func validate() throws {
    if let steps, steps < 1 { throw ValidationError("--steps \(steps): at least one step is needed") }
    if let eta, !(0...1).contains(eta) { throw ValidationError("--eta \(eta): must be between 0 and 1") }
  }

  /// The first option that was given, as written; for files that have their sampler inside.
  var firstGiven: String? {
    if sampler != nil { return "--sampler" }
    if steps != nil { return "--steps" }
    if eta != nil { return "--eta" }
    if clippedEpsilon { return "--clipped-epsilon" }
    return checkpoint.firstGiven
  }

  /// The sampler's name: the given one, or that of the checkpoint's schedule.
  /// - Throws: `CommandError` if other options do not belong to it.
  func samplerName(for schedule: NoiseSchedule) throws(CommandError) -> String {
    let name = sampler?.rawValue ?? schedule.sampler
    guard name == "ddim" || (eta ?? 0) == 0 else { throw CommandError("--eta: applies to ddim only; leave it out with \(name)") }
    return name
  }

  /// Steps to walk.
  var stepCount: Int { steps ?? 50 }

  /// The steps of the options' sampler over a checkpoint's schedule.
  func plan(for checkpoint: Checkpoint) throws -> SamplerPlan {
    try checkpoint.plan(sampler: samplerName(for: checkpoint.schedule), steps: stepCount, eta: eta ?? 0)
  }
}
