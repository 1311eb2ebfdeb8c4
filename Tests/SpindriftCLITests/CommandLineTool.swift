import Foundation

/// The built `spindrift`, run as a user runs it.
struct CommandLineTool {
  /// How a run ended.
  struct Outcome {
    var status: Int32
    var output: String
    var errors: String
    /// Ended by a signal: a crash.
    var crashed: Bool

    /// Standard output as a JSON object.
    func object() throws -> [String: Any] {
      try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any] ?? [:]
    }
  }

  /// Root of the checkout.
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  /// The trained model that the checkout holds.
  static let digits = root.appendingPathComponent("models/digits").path
  /// A denoiser of a few hundred weights.
  static func fixture(_ name: String) -> String { root.appendingPathComponent("Tests/DriftImportTests/Fixtures/unet/\(name)").path }

  /// Built programs stand beside the test runner.
  static func program(_ name: String) -> String {
    URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().appendingPathComponent(name).path
  }

  /// Runs the program.
  /// - Parameters:
  ///   - name: of another program than `spindrift`.
  ///   - shell: what a shell does before, such as setting a limit.
  static func run(
    _ arguments: [String], program name: String = "spindrift", environment: [String: String] = [:], shell: String? = nil
  ) throws -> Outcome {
    let program = program(name)
    let folder = try TemporaryFolder()
    let (output, errors) = (folder.path("output"), folder.path("errors"))
    let process = Process()
    if let shell {
      process.executableURL = URL(fileURLWithPath: "/bin/sh")
      process.arguments = ["-c", "\(shell); exec \"$0\" \"$@\"", program] + arguments
    } else {
      process.executableURL = URL(fileURLWithPath: program)
      process.arguments = arguments
    }
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    for path in [output, errors] { try Data().write(to: URL(fileURLWithPath: path)) }
    process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: output))
    process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: errors))
    process.standardInput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return Outcome(
      status: process.terminationStatus, output: try String(contentsOfFile: output, encoding: .utf8),
      errors: try String(contentsOfFile: errors, encoding: .utf8), crashed: process.terminationReason == .uncaughtSignal)
  }

  /// Runs the program with arguments in one string, without spaces inside of one.
  static func run(_ line: String) throws -> Outcome { try run(line.split(separator: " ").map(String.init)) }
}
