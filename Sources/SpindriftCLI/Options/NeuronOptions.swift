import ArgumentParser
import DriftGraph
import DriftImport

/// What the checkpoint of a network of spiking neurons (SDDPM, SDM) does not say.
struct NeuronOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Spiking steps of one evaluation; at most as many as the checkpoint has factors for, if it has any.", valueName: "t"))
  var spikeSteps: Int?

  @Option(help: ArgumentHelp("Factor of all thresholds, such as 0.997 to 1.003 (threshold guidance).", valueName: "x"))
  var thresholdFactor: Float?

  mutating func validate() throws {
    if let spikeSteps, !(1...SpikingOperation.mostSteps).contains(spikeSteps) {
      throw ValidationError("--spike-steps \(spikeSteps): must be between 1 and \(SpikingOperation.mostSteps)")
    }
    if let thresholdFactor, !SpikingOperation.thresholdFactors.contains(thresholdFactor) {
      throw ValidationError(
        "--threshold-factor \(thresholdFactor): must be between 0.5 and 2; published factors are 0.997 to 1.003")
    }
  }

  /// The same as settings of an architecture.
  var settings: [ArchitectureOptions.NamedSetting] {
    [
      spikeSteps.map { .init(option: "--spike-steps", key: "steps", value: "\($0)") },
      thresholdFactor.map { .init(option: "--threshold-factor", key: "threshold_factor", value: "\($0)") },
    ].compactMap(\.self)
  }
}
