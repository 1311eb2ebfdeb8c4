import Foundation
import Testing

/// `.drift` files that several tests look at, converted once.
enum ConvertedModels {
  private static let folder = Result { try TemporaryFolder() }

  /// Unconditional, one channel, 4 steps.
  static func plain() throws -> String { try plainFile.get() }
  /// The same with other options, converted for each call.
  static func plain(_ options: [String]) throws -> String {
    try convert(CommandLineTool.fixture("plain"), "plain\(options.joined()).drift", steps: 4, options)
  }
  /// The same as a spiking program.
  static func spiking() throws -> String { try spikingFile.get() }
  /// Five classes without a null class, 4 steps.
  static func classes() throws -> String { try classesFile.get() }
  /// models/digits with 5 steps: far too few for good pictures, enough for every path.
  static func digits() throws -> String { try digitsFile.get() }

  private static let plainFile = Result { try convert(CommandLineTool.fixture("plain"), "plain.drift", steps: 4) }
  private static let spikingFile = Result {
    try convert(CommandLineTool.fixture("plain"), "spiking.drift", steps: 4, ["--target", "spiking"])
  }
  private static let classesFile = Result { try convert(CommandLineTool.fixture("class-table"), "classes.drift", steps: 4) }
  private static let digitsFile = Result { try convert(CommandLineTool.digits, "digits.drift", steps: 5) }

  private static func convert(_ checkpoint: String, _ name: String, steps: Int, _ options: [String] = []) throws -> String {
    let path = try folder.get().path(name)
    let outcome = try CommandLineTool.run(
      [
        "convert", checkpoint, "-o", path, "--steps", "\(steps)", "--calibration-samples", "2",
      ] + options)
    try #require(outcome.status == 0, "\(outcome.errors)")
    return path
  }
}
