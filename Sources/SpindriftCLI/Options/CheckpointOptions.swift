import ArgumentParser
import DriftGraph
import DriftImport

/// What the command line adds to a checkpoint, wherever one is read.
struct CheckpointOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Noise schedule of a checkpoint that carries none.", valueName: "file.json"))
  var schedule: String?

  @Option(help: ArgumentHelp("Class label that means \"no class\", instead of the checkpoint's.", valueName: "k"))
  var nullClass: Int?

  @OptionGroup var context: ContextOptions

  @OptionGroup var architecture: ArchitectureCommandOptions

  mutating func validate() throws {
    if let nullClass, nullClass < 0 { throw ValidationError("--null-class \(nullClass): labels start at 0") }
  }

  /// The first option that was given, as written.
  var firstGiven: String? {
    if schedule != nil { return "--schedule" }
    if nullClass != nil { return "--null-class" }
    return context.context.isEmpty ? architecture.firstGiven : "--context"
  }

  /// Reads a checkpoint to be run.
  /// - Parameter settings: of its architecture, by options of their own.
  func load(_ path: String, settings: [ArchitectureOptions.NamedSetting] = []) throws -> Checkpoint {
    let checkpoint = try model(path, needsSchedule: true, settings: settings).checkpoint()
    try checkpoint.requireInputs()
    return checkpoint
  }

  /// Reads a checkpoint as far as it goes: without a schedule if there is none, and with inputs that are still open.
  func model(_ path: String, needsSchedule: Bool = false, settings: [ArchitectureOptions.NamedSetting] = [])
    throws -> ImportedModel
  {
    try ImportedModel.load(
      path: path, nullClass: nullClass, scheduleFile: schedule, shapes: architecture.shapes(),
      architecture: architecture.options(adding: settings), inputs: context.arrays(), needsSchedule: needsSchedule)
  }
}
