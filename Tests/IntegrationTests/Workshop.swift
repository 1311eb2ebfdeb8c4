import DriftTestImages
import Foundation
import Testing

/// What the tests work with: the checkout, and everything that is made from it once.
enum Workshop {
  /// Root of the checkout.
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  /// The host's `spindrift`; it stands beside the test runner.
  static let converter = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().appendingPathComponent(
    "spindrift"
  ).path

  /// Stays between runs, as everything in out/ does.
  private static let folder = Result {
    let folder = root.appendingPathComponent("out/integration-tests")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return folder
  }

  /// Every operator, two programs, 3 classes of which the last is the null class, 4 steps, an 8 x 8 sample.
  static func complete() throws -> String { try completeFile.get() }
  /// Three programs, two of which read what the first one keeps; classes and samples as above.
  static func cached() throws -> String { try cachedFile.get() }
  /// The operators of transformers, and a decoder: 3 x 8 x 8 pictures of 2 x 4 x 4 samples; classes as above, 3 steps.
  static func transformer() throws -> String { try transformerFile.get() }
  /// A spiking program with every kind of membranes, and a decoder; classes as above, 4 steps in two groups.
  static func spiking() throws -> String { try spikingFile.get() }
  /// A network of neurons that fire, with spiking steps; no classes.
  static func neurons() throws -> String { try neuronsFile.get() }
  /// models/digits with 3 steps.
  static func digits() throws -> String { try digitsFile.get() }

  private static let completeFile = Result {
    let path = try folder.get().appendingPathComponent("complete.drift").path
    try TestImages.complete().write(to: path)
    return path
  }

  private static let cachedFile = Result {
    let path = try folder.get().appendingPathComponent("cached.drift").path
    try TestImages.cached().write(to: path)
    return path
  }

  private static let transformerFile = Result {
    let path = try folder.get().appendingPathComponent("transformer.drift").path
    try TestImages.transformer().write(to: path)
    return path
  }

  private static let spikingFile = Result {
    let path = try folder.get().appendingPathComponent("spiking.drift").path
    try TestImages.spiking().write(to: path)
    return path
  }

  private static let neuronsFile = Result {
    let path = try folder.get().appendingPathComponent("neurons.drift").path
    try TestImages.neurons().write(to: path)
    return path
  }

  private static let digitsFile = Result {
    let path = try folder.get().appendingPathComponent("digits.drift").path
    let outcome = try Program.run(
      converter,
      ["convert", root.appendingPathComponent("models/digits").path, "-o", path, "--steps", "3", "--calibration-samples", "2"])
    try #require(outcome.status == 0, "\(outcome.errors)")
    return path
  }

  /// Compiles a C program against a board's `libspindrift.a` with nothing but that board's C compiler.
  static func compile(_ source: String, for board: Board) throws -> String {
    let name = URL(fileURLWithPath: source).deletingPathExtension().lastPathComponent
    let program = try folder.get().appendingPathComponent("\(name)-\(board.rawValue)").path
    let products = try board.products()
    let outcome = try Program.run(
      board.compiler,
      [
        "-Wall", "-Wextra", "-Werror", "-O2", "-static", root.appendingPathComponent(source).path, "-I", products,
        "\(products)/libspindrift.a", "-o", program,
      ])
    try #require(outcome.status == 0, "\(outcome.errors)")
    return program
  }
}
