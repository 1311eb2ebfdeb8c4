import CSpindrift
import Foundation
import Testing

/// A `spindriftd` that was started and answers.
final class RunningDaemon {
  let process: Process
  let socket: String
  let folder: TemporaryFolder

  /// Starts the static build of a board.
  /// - Parameters:
  ///   - options: beyond the model and the socket.
  ///   - products: where the program is, if not where the board's products are.
  init(
    model: String, on board: Board = .x86_64, _ options: [String] = [], folder: TemporaryFolder? = nil, products: String? = nil
  ) throws {
    self.folder = try folder ?? TemporaryFolder()
    socket = self.folder.path("s")
    let daemon = try (products ?? board.products()) + "/spindriftd"
    let arguments = ["--model", model, "--socket", socket] + options
    let command = board.command()
    process = try Program.start(
      command?.emulator ?? daemon, (command.map { $0.options + [daemon] } ?? []) + arguments,
      output: self.folder.path("output"), errors: self.folder.path("errors"))
    let deadline = Date(timeIntervalSinceNow: 60)
    while process.isRunning, Date() < deadline, !DaemonClient.answers(socket) { Thread.sleep(forTimeInterval: 0.01) }
    try #require(process.isRunning, "\(errors)")
  }

  deinit {
    if process.isRunning {
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }
  }

  /// What it said.
  var errors: String { (try? String(contentsOfFile: folder.path("errors"), encoding: .utf8)) ?? "" }

  /// Whether its socket stands in the file system.
  var hasSocket: Bool { FileManager.default.fileExists(atPath: socket) }

  /// Sends a signal and waits for the end; the exit status, or nil if it crashed.
  func stop(_ signal: Int32 = SIGTERM) -> Int32? {
    kill(process.processIdentifier, signal)
    process.waitUntilExit()
    return process.terminationReason == .exit ? process.terminationStatus : nil
  }

  /// Whether it serves a whole request.
  func serves() throws -> Bool {
    let client = try DaemonClient(socket)
    client.generate()
    return try client.receiveAll().last?.type == SPINDRIFT_FRAME_DONE
  }
}
