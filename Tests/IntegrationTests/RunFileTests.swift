import Foundation
import Testing

/// Files that `spindrift-run` cannot read or write: one clear message, nothing half-written.
@Suite(.serialized)
struct RunFileTests {
  @Test
  func modelsThatAreNoneAreRefusedWithTheByte() throws {
    let folder = try TemporaryFolder()
    let good = try Data(contentsOf: URL(fileURLWithPath: try Workshop.complete()))
    let newer = good.replacing(12, with: 9)
    let cases: [(name: String, contents: Data, message: String)] = [
      ("empty", Data(), "found 0"), ("truncated", good.prefix(good.count / 2), "at byte"),
      ("overlong", good + Data(count: 64), "at byte"), ("text", Data(repeating: 65, count: 4096), "not a .drift file"),
      ("newer", newer, "at byte 12"), ("damaged", good.replacing(good.count - 100, with: good[good.count - 100] ^ 1), "damaged"),
    ]
    for item in cases {
      let path = folder.path("\(item.name).drift")
      try item.contents.write(to: URL(fileURLWithPath: path))
      let outcome = try run([path, "-o", folder.path("a.png")])
      #expect(outcome.status == 1)
      #expect(outcome.errors.contains("\(item.name).drift") && outcome.errors.contains(item.message), "\(outcome.errors)")
      #expect(outcome.errors.split(separator: "\n").count == 1)
    }
    #expect(try folder.names().allSatisfy { $0.hasSuffix(".drift") })
  }

  @Test
  func pathsThatAreNoFilesAreRefused() throws {
    let folder = try TemporaryFolder()
    for (path, message) in [
      ("/no/such.drift", "No such file"), ("/", "regular file"), ("/dev/null", "regular file"), ("", "No such file"),
    ] {
      let outcome = try run([path, "-o", folder.path("a.png")])
      #expect(outcome.status == 1, "\(path)")
      #expect(outcome.errors.contains(message), "\(outcome.errors)")
    }
    #expect(try folder.names().isEmpty)
  }

  @Test
  func outputsThatCannotBeWrittenAreNamed() throws {
    let folder = try TemporaryFolder()
    let long = folder.path(String(repeating: "x", count: 300))
    for option in ["-o", "--raw"] {
      for (path, message) in [
        (folder.path("no/such/a"), "No such file"), (folder.path(""), "Is a directory"), ("/dev/full", "No space left"),
        (long, "too long"),
      ] {
        let outcome = try run([try Workshop.complete(), option, path])
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("cannot write \(path)") && outcome.errors.contains(message), "\(outcome.errors)")
        #expect(try folder.names().isEmpty)
      }
    }
    #expect(FileManager.default.fileExists(atPath: "/dev/full"))
  }

  @Test
  func aDiskThatFillsUpLeavesNothingBehind() throws {
    let folder = try TemporaryFolder()
    let program = try Board.x86_64.products() + "/spindrift-run"
    let model = try Workshop.complete()
    // 4 blocks of 512 bytes: the header and some samples still fit.
    let script = "ulimit -f 4; exec \"$0\" \"$@\""
    for option in ["-o", "--raw"] {
      let outcome = try Program.run("/bin/sh", ["-c", script, program, model, option, folder.path("a"), "--count", "60"])
      #expect(outcome.status == 1)
      #expect(!outcome.crashed)
      #expect(outcome.errors.contains("File too large"), "\(outcome.errors)")
      #expect(try folder.names().isEmpty)
    }
  }

  @Test
  func aDeviceIsWrittenIntoNotReplaced() throws {
    let folder = try TemporaryFolder()
    let outcome = try run([try Workshop.complete(), "--raw", "/dev/null", "-o", folder.path("a.png")])
    #expect(outcome.status == 0, "\(outcome.errors)")
    let attributes = try FileManager.default.attributesOfItem(atPath: "/dev/null")
    #expect(attributes[.type] as? FileAttributeType == .typeCharacterSpecial)
  }

  @Test
  func beingStoppedLeavesNothingBehind() throws {
    for signal in [SIGTERM, SIGINT] {
      let folder = try TemporaryFolder(), log = try TemporaryFolder()
      let process = try Program.start(
        try Board.x86_64.products() + "/spindrift-run",
        [try Workshop.digits(), "-o", folder.path("a.png"), "--raw", folder.path("a.npy"), "--count", "4096"],
        output: log.path("output"), errors: log.path("errors"))
      while try folder.names().count < 2, process.isRunning { Thread.sleep(forTimeInterval: 0.01) }
      kill(process.processIdentifier, signal)
      process.waitUntilExit()
      #expect(process.terminationReason == .exit && process.terminationStatus == 1)
      #expect(try String(contentsOfFile: log.path("errors"), encoding: .utf8) == "spindrift-run: stopped; nothing was written\n")
      #expect(try folder.names().isEmpty)
    }
  }

  @Test
  func noiseThatDoesNotFitIsRefused() throws {
    let folder = try TemporaryFolder()
    let good = folder.path("good.npy")
    try ArrayFile(shape: [2, 1, 8, 8], values: [Float](repeating: 0, count: 128)).write(good)
    let bytes = try Data(contentsOf: URL(fileURLWithPath: good))
    func altered(_ from: String, _ to: String) -> Data {
      let range = bytes.range(of: Data(from.utf8))!
      return bytes.replacingSubrange(range, with: Data(to.utf8))
    }
    let cases: [(name: String, contents: Data, message: String)] = [
      ("shape", altered("(2,1,8,8,)", "(2,1,4,8,)"), "[1, 8, 8]"), ("rank", altered("(2,1,8,8,)", "(16,8,)   "), "[1, 8, 8]"),
      ("double", altered("<f4", "<f8"), "float32"), ("fortran", altered("False", "True "), "Fortran"),
      ("short", bytes.dropLast(4), "cut short"), ("header", bytes.prefix(60), "cut short"),
      ("text", Data("hello".utf8), "not a .npy file"),
      ("huge", altered("(2,1,8,8,)", "(999999999,1,8,8,)"), "cut short"), ("open", altered("}", " "), "header"),
    ]
    for item in cases {
      let path = folder.path("\(item.name).npy")
      try item.contents.write(to: URL(fileURLWithPath: path))
      let outcome = try run([try Workshop.complete(), "--raw", folder.path("a.npy"), "--noise", path])
      #expect(outcome.status == 1, "\(item.name)")
      #expect(
        outcome.errors.contains("--noise \(path)") && outcome.errors.contains(item.message), "\(item.name): \(outcome.errors)")
    }
    let few = try run([try Workshop.complete(), "--raw", folder.path("a.npy"), "--noise", good, "--count", "3"])
    #expect(few.status == 1)
    #expect(few.errors.contains("--count 3") && few.errors.contains("2 samples"), "\(few.errors)")
    #expect(!FileManager.default.fileExists(atPath: folder.path("a.npy")))
  }

  private func run(_ arguments: [String]) throws -> Program.Outcome {
    try Program.run(try Board.x86_64.products() + "/spindrift-run", arguments)
  }
}

extension Data {
  fileprivate func replacing(_ position: Int, with byte: UInt8) -> Data {
    var copy = self
    copy[startIndex + position] = byte
    return copy
  }

  fileprivate func replacingSubrange(_ range: Range<Index>, with bytes: Data) -> Data {
    var copy = self
    copy.replaceSubrange(range, with: bytes)
    return copy
  }
}
