import Foundation
import Testing

/// Runs programs.
enum Program {
  /// How a run ended.
  struct Outcome {
    var status: Int32
    var output: String
    var errors: String
    /// Ended by a signal: a crash.
    var crashed: Bool
  }

  /// Runs a program to its end, or kills it after `timeout` seconds.
  /// - Parameter program: a path, or a name to look up.
  static func run(
    _ program: String, _ arguments: [String], environment: [String: String] = [:], timeout: Double = 600
  ) throws -> Outcome {
    let folder = try TemporaryFolder()
    let (output, errors) = (folder.path("output"), folder.path("errors"))
    let process = try start(program, arguments, environment: environment, output: output, errors: errors)
    let deadline = Date(timeIntervalSinceNow: timeout)
    while process.isRunning, Date() < deadline { Thread.sleep(forTimeInterval: 0.005) }
    if process.isRunning {
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      Issue.record("\(program) did not end within \(timeout) seconds")
    }
    return Outcome(
      status: process.terminationStatus, output: try String(contentsOfFile: output, encoding: .utf8),
      errors: try String(contentsOfFile: errors, encoding: .utf8), crashed: process.terminationReason == .uncaughtSignal)
  }

  /// Starts a program; its output goes to files.
  static func start(
    _ program: String, _ arguments: [String], environment: [String: String] = [:], output: String, errors: String
  ) throws -> Process {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [program] + arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    for path in [output, errors] { try Data().write(to: URL(fileURLWithPath: path)) }
    process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: output))
    process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: errors))
    process.standardInput = FileHandle.nullDevice
    try process.run()
    return process
  }
}
