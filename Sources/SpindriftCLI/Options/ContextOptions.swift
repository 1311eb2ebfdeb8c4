import ArgumentParser
import DriftImport

/// Values of a checkpoint's inputs beside the sample, timestep and class.
struct ContextOptions: ParsableArguments {
  @Option(
    parsing: .singleValue,
    help: ArgumentHelp(
      "What a checkpoint's text encoder answers, float32 [tokens,width] or [prompts,tokens,width]; prompts become classes, and --null-class says which is the empty one. NAME= for other inputs; may be repeated.",
      valueName: "[name=]file.npy"))
  var context: [String] = []

  /// The arrays by the names of inputs; `context` where no name was given.
  func arrays() throws -> [String: NPYArray] {
    var result: [String: NPYArray] = [:]
    for text in context {
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      let (name, path) = parts.count == 2 ? (parts[0], parts[1]) : ("context", text)
      guard result[name] == nil else { throw CommandError("--context \(text): the input '\(name)' was given before") }
      result[name] = try NPYArray.read(path)
    }
    return result
  }
}
