import CSpindrift
import Foundation
import Testing

/// How `spindriftd` starts and ends.
@Suite(.serialized)
struct DaemonLifeTests {
  @Test(arguments: [SIGTERM, SIGINT])
  func aSignalEndsItCleanly(signal: Int32) throws {
    let daemon = try RunningDaemon(model: try Workshop.complete())
    #expect(daemon.hasSocket)
    #expect(daemon.stop(signal) == 0)
    #expect(!daemon.hasSocket)
    #expect(daemon.errors.isEmpty)
  }

  @Test
  func aSignalCancelsTheRequestAtWork() throws {
    let daemon = try RunningDaemon(model: try Workshop.digits())
    let client = try DaemonClient(daemon.socket)
    client.generate(count: 4096)
    #expect(try client.receive()?.type == SPINDRIFT_FRAME_PROGRESS)
    kill(daemon.process.processIdentifier, SIGTERM)
    let last = try #require(try client.receiveAll().last)
    #expect(last.type == SPINDRIFT_FRAME_ERROR)
    #expect(try last.record(spindrift_frame_error.self).code == Int32(SPINDRIFT_PROTOCOL_STOPPING.rawValue))
    daemon.process.waitUntilExit()
    #expect(daemon.process.terminationReason == .exit && daemon.process.terminationStatus == 0)
    #expect(!daemon.hasSocket)
  }

  @Test
  func aSignalDoesNotWaitForASilentClient() throws {
    let daemon = try RunningDaemon(model: try Workshop.complete(), ["--timeout", "600"])
    let silent = try DaemonClient(daemon.socket)
    Thread.sleep(forTimeInterval: 0.2)
    let start = Date()
    #expect(daemon.stop() == 0)
    #expect(Date().timeIntervalSince(start) < 5)
    withExtendedLifetime(silent) {}
  }

  @Test
  func aStaleSocketIsReplaced() throws {
    let folder = try TemporaryFolder()
    let killed = try RunningDaemon(model: try Workshop.complete(), folder: folder)
    #expect(killed.stop(SIGKILL) == nil)
    #expect(killed.hasSocket)
    let next = try RunningDaemon(model: try Workshop.complete(), folder: folder)
    #expect(try next.serves())
    #expect(next.stop() == 0)
    #expect(!next.hasSocket)
  }

  @Test
  func aSecondDaemonAtTheSamePathIsRefused() throws {
    let first = try RunningDaemon(model: try Workshop.complete())
    let outcome = try start(["--model", try Workshop.complete(), "--socket", first.socket])
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("another daemon listens there"), "\(outcome.errors)")
    #expect(try first.serves())
  }

  @Test
  func aSocketThatAnotherTookOverIsLeftAlone() throws {
    let daemon = try RunningDaemon(model: try Workshop.complete())
    try FileManager.default.removeItem(atPath: daemon.socket)
    try "mine".write(toFile: daemon.socket, atomically: true, encoding: .utf8)
    #expect(daemon.stop() == 0)
    #expect(try String(contentsOfFile: daemon.socket, encoding: .utf8) == "mine")
  }

  @Test
  func pathsThatCannotBeASocketAreRefused() throws {
    let folder = try TemporaryFolder()
    let model = try Workshop.complete()
    try "mine".write(toFile: folder.path("file"), atomically: true, encoding: .utf8)
    for (path, message) in [
      (folder.path("file"), "not a socket"), (folder.path("no/such/s"), "No such file"), ("", "No such file"),
      (folder.path(String(repeating: "x", count: 120)), "too long"),
    ] {
      let outcome = try start(["--model", model, "--socket", path])
      #expect(outcome.status == 1)
      #expect(outcome.errors.contains("cannot listen at \(path)") && outcome.errors.contains(message), "\(outcome.errors)")
    }
    #expect(try String(contentsOfFile: folder.path("file"), encoding: .utf8) == "mine")
    #expect(try folder.names() == ["file"])
  }

  @Test
  func aModelThatIsNoneIsRefused() throws {
    let folder = try TemporaryFolder()
    try Data(repeating: 65, count: 4096).write(to: URL(fileURLWithPath: folder.path("bad.drift")))
    for (model, message) in [
      (folder.path("bad.drift"), "bad.drift"), (folder.path("missing.drift"), "No such file"), ("/", "regular"),
    ] {
      let outcome = try start(["--model", model, "--socket", folder.path("s")])
      #expect(outcome.status == 1)
      #expect(outcome.errors.contains(message), "\(outcome.errors)")
    }
    #expect(try folder.names() == ["bad.drift"])
  }

  @Test(arguments: [
    ([], "--model"), (["--model", "m"], "--socket"), (["--socket", "s"], "--model"), (["--model"], "--model needs a value"),
    (["--model", "m", "--socket", "s", "--port", "1"], "--port"), (["--model", "m", "--socket", "s", "extra"], "extra"),
    (["--model", "m", "--socket", "s", "--timeout", "0"], "--timeout"),
    (["--model", "m", "--socket", "s", "--threads", "x"], "--threads"),
  ])
  func aWrongCommandLineEndsWith64(arguments: [String], message: String) throws {
    let outcome = try start(arguments)
    #expect(outcome.status == 64)
    #expect(outcome.errors.contains(message), "\(outcome.errors)")
  }

  private func start(_ arguments: [String]) throws -> Program.Outcome {
    try Program.run(try Board.x86_64.products() + "/spindriftd", arguments, timeout: 60)
  }
}
