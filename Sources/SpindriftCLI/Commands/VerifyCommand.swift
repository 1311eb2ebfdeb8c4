import ArgumentParser
import DriftEvaluation

/// `spindrift verify`: accepts a `.drift` file or says why not.
struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Check a .drift file against every rule of the format.")

  @Argument(help: ArgumentHelp("The .drift file.", valueName: "model.drift"))
  var model: String

  func run() throws {
    let file = try ModelFile(path: model).file
    try StandardOutput.print(
      "\(model): OK (\(file.bytes.count) bytes, \(file.operators.count) operators, \(file.steps.count) steps)")
  }
}
