import ArgumentParser
import DriftEvaluation
import DriftInspection

/// `spindrift inspect`: what a `.drift` file or a checkpoint holds.
struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect", abstract: "List what a .drift file or a checkpoint holds, and draw a checkpoint's network.",
    discussion: """
      Of a .drift file: programs, operators, scales and the memory plan. Of a checkpoint: what was recognised, then one line for each \
      node of its network. A checkpoint without a noise schedule is shown without one.
      """)

  @Argument(help: ArgumentHelp("A .drift file or a checkpoint.", valueName: "model"))
  var model: String

  @Option(help: ArgumentHelp("Draw the network of a checkpoint.", valueName: "file.svg"))
  var svg: String?

  @Flag(help: "Print one JSON object.")
  var json = false

  @OptionGroup(title: "Options for checkpoints") var options: CheckpointOptions

  func run() throws {
    guard ModelPath.isCheckpoint(model) else {
      try ModelPath.refuse(options.firstGiven)
      if svg != nil { throw CommandError("--svg: draws the network of a checkpoint, and \(model) is none; leave the option out") }
      let inspection = Inspection(try ModelFile(path: model))
      if json { try JSONOutput.print(inspection) } else { try StandardOutput.print(inspection.listing()) }
      return
    }
    let picture = try svg.map { try OutputFile($0) }
    let source = try options.model(model)
    if let picture { try picture.write(Array(NetworkDrawing(source).svg().utf8)) }
    let listing = CheckpointListing(source, path: model)
    if json { return try JSONOutput.print(listing) }
    try StandardOutput.print(CheckpointText.lines(listing).joined(separator: "\n"))
  }
}
