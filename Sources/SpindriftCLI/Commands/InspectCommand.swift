import ArgumentParser
import DriftEvaluation

/// `spindrift inspect`: what a `.drift` file holds.
struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect", abstract: "List programs, operators, scales and the memory plan of a .drift file.")

  @Argument(help: ArgumentHelp("The .drift file.", valueName: "model.drift"))
  var model: String

  @Flag(help: "Print one JSON object.")
  var json = false

  func run() throws {
    let inspection = Inspection(try ModelFile(path: model))
    if json { try JSONOutput.print(inspection) } else { try StandardOutput.print(inspection.listing()) }
  }
}
