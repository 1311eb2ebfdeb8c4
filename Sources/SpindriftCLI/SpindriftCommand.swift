import ArgumentParser
import Foundation

/// `spindrift`: takes a trained diffusion model to a `.drift` file and looks at what became of it. docs/commands.md describes every command.
@main
struct SpindriftCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "spindrift",
    abstract: "Takes a trained diffusion model to a small board.",
    discussion: """
      convert quantizes a checkpoint to int8 and writes one .drift file; run makes pictures from either; compare says what the \
      conversion cost. On the board, spindrift-run does what run does here.
      """,
    version: "0.1.0",
    subcommands: [
      ConvertCommand.self, RunCommand.self, EvalCommand.self, CompareCommand.self, InspectCommand.self, VerifyCommand.self,
      BenchCommand.self, ExportCommand.self,
    ])

  static func main() {
    // A file size limit then fails the write, which a command reports, instead of ending the process.
    signal(SIGXFSZ, SIG_IGN)
    main(nil)
  }
}
