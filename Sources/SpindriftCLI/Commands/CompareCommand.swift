import ArgumentParser
import DriftEvaluation
import DriftGraph
import DriftImport

/// `spindrift compare`: what the conversion cost.
struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare", abstract: "Measure a .drift file against the checkpoint that it was converted from.",
    discussion: """
      Both sides walk the file's sampler from the same noise, which calibration has not seen. Of a conditional model all classes are used \
      in turn.
      """)

  @Argument(help: ArgumentHelp("The checkpoint.", valueName: "checkpoint"))
  var checkpoint: String

  @Argument(help: ArgumentHelp("The .drift file.", valueName: "model.drift"))
  var model: String

  @Option(help: ArgumentHelp("Pictures of each side.", valueName: "n"))
  var samples: Int = 64

  @Option(parsing: .unconditional, help: ArgumentHelp("Seed of the noise.", valueName: "s"))
  var seed: UInt64 = 0

  @Option(parsing: .unconditional, help: ArgumentHelp("Weight of classifier-free guidance; 1 is none.", valueName: "w"))
  var guidance: Float = 1

  @Option(help: ArgumentHelp("Pictures to look at: rows of float ones, each with the int8 ones below.", valueName: "out.png"))
  var grid: String?

  @OptionGroup(title: "Spiking programs") var spiking: SpikingRunOptions

  @OptionGroup var options: CheckpointOptions

  @Flag(help: "Print one JSON object.")
  var json = false

  mutating func validate() throws {
    guard (1...100_000).contains(samples) else { throw ValidationError("--samples \(samples): must be between 1 and 100000") }
    try ClassOption.validate(guidance: guidance)
  }

  func run() throws {
    let picture = try grid.map { try OutputFile($0) }
    let file = try ModelFile(path: model)
    if picture != nil { try PictureSheet(file).check(instead: "leave --grid out") }
    let reference = try options.load(checkpoint)
    let outcome = try ComparisonRun(
      checkpoint: reference, path: checkpoint, model: file, samples: samples, seed: seed, guidance: guidance,
      spiking: try spiking.options(for: file, kernels: Kernels.chosen())
    ).outcome()
    try picture?.write(PictureSheet(file).png(float: outcome.floatPictures, integer: outcome.integerPictures))
    if json {
      try JSONOutput.print(outcome.result)
    } else {
      try StandardOutput.print(ComparisonText.lines(outcome.result).joined(separator: "\n"))
    }
  }
}
