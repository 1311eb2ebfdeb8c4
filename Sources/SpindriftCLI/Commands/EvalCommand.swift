import ArgumentParser
import DriftEvaluation
import DriftImport

/// `spindrift eval`: one evaluation of the denoiser.
struct EvalCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "eval", abstract: "Evaluate the denoiser once for every sample of a .npy file.",
    discussion:
      "MODEL is a .drift file, which answers at the timesteps of its sampler, or a checkpoint, which answers at any in float32.")

  @Argument(help: ArgumentHelp("A .drift file or a checkpoint.", valueName: "model"))
  var model: String

  @Option(help: ArgumentHelp("Noisy samples, float32 [C,H,W] or [N,C,H,W].", valueName: "x.npy"))
  var input: String

  @Option(parsing: .unconditional, help: ArgumentHelp("What the model is told, as in training.", valueName: "t"))
  var timestep: Float

  @Option(name: .customLong("class"), parsing: .unconditional, help: ArgumentHelp("Class label (default: none).", valueName: "k"))
  var classLabel: Int?

  @Option(name: .shortAndLong, help: ArgumentHelp("Where the answers go, shaped as the input.", valueName: "eps.npy"))
  var output: String

  @OptionGroup(title: "Options for checkpoints") var sampler: SamplerOptions

  mutating func validate() throws {
    guard timestep.isFinite else { throw ValidationError("--timestep \(timestep): is not a number") }
    try ClassOption.validate(classLabel)
  }

  func run() throws {
    let destination = try OutputFile(output)
    let source = try ModelPath.open(model, sampler: sampler, threads: 1)
    try ClassOption.check(classLabel, of: source, model)
    let samples = try SampleArray(path: input, option: "--input", source: source)
    let answers = try samples.all.flatMap { try source.evaluate($0, timestep: timestep, classLabel: classLabel) }
    try destination.write(NPYArray(shape: samples.shape, answers).encoded())
  }
}
