import Foundation
import Glibc
import Testing

/// `spindrift-run` as users run it; the static build for this machine.
@Suite(.serialized)
struct RunTests {
  @Test(arguments: [1, 2, 3, 5, 10])
  func picturesHaveTheHostsPixels(count: Int) throws {
    let folder = try TemporaryFolder()
    let request = ["--count", "\(count)", "--seed", "4", "--class", "1"]
    let board = try run([try Workshop.complete(), "-o", folder.path("board.png")] + request)
    #expect(board.status == 0, "\(board.errors)")
    let host = try Program.run(Workshop.converter, ["run", try Workshop.complete(), "-o", folder.path("host.png")] + request)
    #expect(host.status == 0, "\(host.errors)")
    let picture = try Picture(folder.path("board.png"))
    #expect(picture == (try Picture(folder.path("host.png"))))
    let columns = Int(Double(count).squareRoot().rounded(.up))
    #expect(picture.width == 8 * columns)
    #expect(picture.height == 8 * ((count + columns - 1) / columns))
    #expect(Set(picture.pixels).count > 10)
  }

  @Test
  func pixelsAreTheRawValuesRoundedHalfUp() throws {
    let folder = try TemporaryFolder()
    let outcome = try run([try Workshop.complete(), "-o", folder.path("a.png"), "--raw", folder.path("a.npy"), "--seed", "6"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    let expected = try ArrayFile(folder.path("a.npy")).values.map { value -> UInt8 in
      UInt8(min(max((value + 1) * 127.5, 0), 255) + 0.5)
    }
    #expect(try Picture(folder.path("a.png")).pixels == expected)
  }

  @Test
  func optionsMayCarryTheirValueBehindAnEqualsSign() throws {
    let folder = try TemporaryFolder()
    let model = try Workshop.complete()
    let apart = try run(["--seed", "9", model, "--raw", folder.path("a.npy"), "--guidance", "1.5", "--threads", "1"])
    let joined = try run(["--seed=9", "--guidance=1.5", "--raw=" + folder.path("b.npy"), "--", model])
    #expect(apart.status == 0 && joined.status == 0, "\(apart.errors)\(joined.errors)")
    #expect(FileManager.default.contentsEqual(atPath: folder.path("a.npy"), andPath: folder.path("b.npy")))
  }

  @Test
  func neuronsThatFireLeaveNoChoiceOfEventsAndState() throws {
    let folder = try TemporaryFolder()
    let model = try Workshop.neurons()
    for option in [["--events", "ternary"], ["--state", "reset"]] {
      let outcome = try run([model, "-o", folder.path("a.png")] + option)
      #expect(outcome.status == 1)
      #expect(outcome.errors.contains("\(option[0]): \(model) is a network of spiking neurons"), "\(outcome.errors)")
    }
    #expect(try folder.names().isEmpty)
  }

  @Test
  func ternaryEventsThatAreCutShortSayHowManyLevelsAreMissing() throws {
    let folder = try TemporaryFolder()
    func missing(_ options: [String]) throws -> String? {
      let outcome = try run([try Workshop.spiking(), "-o", folder.path("a.png")] + options)
      #expect(outcome.status == 0, "\(outcome.errors)")
      let line = outcome.errors.split(separator: "\n").last { $0.hasSuffix(" levels from rest") }
      return line?.split(separator: " ").dropLast(3).last.map(String.init)
    }
    #expect(try missing(["--events", "ternary"]) == "0")
    let some = try #require(try missing(["--events", "ternary", "--spike-steps", "2"]))
    #expect(try #require(Int(some)) > 0)
    #expect(try missing([]) == nil)
  }

  @Test
  func anOlderFileIsReplaced() throws {
    let folder = try TemporaryFolder()
    try "old".write(toFile: folder.path("a.png"), atomically: true, encoding: .utf8)
    #expect(try run([try Workshop.complete(), "-o", folder.path("a.png")]).status == 0)
    #expect(try Picture(folder.path("a.png")).width == 8)
    #expect(try folder.names() == ["a.png"])
  }

  @Test
  func aTerminalSeesHowFarTheWorkIs() throws {
    var (controller, terminal): (Int32, Int32) = (-1, -1)
    try #require(openpty(&controller, &terminal, nil, nil, nil) == 0)
    let screen = FileHandle(fileDescriptor: controller, closeOnDealloc: true)
    let folder = try TemporaryFolder()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try Board.x86_64.products() + "/spindrift-run")
    process.arguments = [try Workshop.complete(), "-o", folder.path("a.png"), "--count", "2"]
    process.standardError = FileHandle(fileDescriptor: terminal, closeOnDealloc: true)
    try process.run()
    process.waitUntilExit()
    let text = String(decoding: screen.availableData, as: UTF8.self)
    #expect(text.contains("sampling 1/8"))
    #expect(text.hasSuffix("sampling 8/8\r\n"), "\(text)")
  }

  @Test
  func helpGoesToStandardOutput() throws {
    let outcome = try run(["--help"])
    #expect(outcome.status == 0)
    #expect(outcome.errors.isEmpty)
    for option in ["--output", "--raw", "--seed", "--count", "--class", "--guidance", "--threads", "--kernel", "--noise"] {
      #expect(outcome.output.contains(option))
    }
  }

  @Test(arguments: [
    (["--seed", "x", "-o", "a.png", "M"], "--seed x"), (["--seed", "-1", "-o", "a.png", "M"], "--seed -1"),
    (["--seed", "18446744073709551616", "-o", "a.png", "M"], "--seed 18446744073709551616"),
    (["--seed", "", "-o", "a.png", "M"], "--seed"), (["--count", "0", "-o", "a.png", "M"], "--count 0"),
    (["--count", "4097", "-o", "a.png", "M"], "--count 4097"), (["--class", "1.5", "-o", "a.png", "M"], "--class 1.5"),
    (["--class", "2147483648", "-o", "a.png", "M"], "--class 2147483648"),
    (["--guidance", "nan", "-o", "a.png", "M"], "--guidance nan"),
    (["--guidance", "1e39", "-o", "a.png", "M"], "--guidance 1e39"), (["--guidance", "2,5", "-o", "a.png", "M"], "--guidance 2,5"),
    (["--threads", "0", "-o", "a.png", "M"], "--threads 0"), (["--colour", "-o", "a.png", "M"], "--colour"),
    (["--see", "1", "-o", "a.png", "M"], "--see"), (["M", "-o"], "-o needs a value"),
    (["M", "-o", "--raw", "x"], "-o needs a value"),
    (["M", "N", "-o", "a.png"], "N is one argument too many"), (["-o", "a.png"], "no model"), (["M"], "nothing to write"),
    ([], "no model"),
  ])
  func aWrongCommandLineIsNamedAndEndsWith64(arguments: [String], message: String) throws {
    let outcome = try run(arguments)
    #expect(outcome.status == 64)
    #expect(outcome.errors.hasPrefix("spindrift-run: "))
    #expect(outcome.errors.contains(message), "\(outcome.errors)")
    #expect(outcome.errors.split(separator: "\n").count == 1)
    #expect(outcome.output.isEmpty)
  }

  @Test(arguments: [
    (["--class", "3"], "--class 3"), (["--threads", "30000"], "--threads 30000"),
  ])
  func whatTheModelCannotDoIsNamedWithItsBounds(arguments: [String], message: String) throws {
    let folder = try TemporaryFolder()
    let outcome = try run([try Workshop.complete(), "-o", folder.path("a.png")] + arguments)
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains(message), "\(outcome.errors)")
    #expect(outcome.errors.contains("complete.drift"))
    #expect(try folder.names().isEmpty)
  }

  @Test
  func anUnknownKernelIsNamed() throws {
    let folder = try TemporaryFolder()
    let outcome = try run([try Workshop.complete(), "-o", folder.path("a.png")], environment: ["SPINDRIFT_KERNEL": "dotprod"])
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("SPINDRIFT_KERNEL"))
    let option = try run([try Workshop.complete(), "-o", folder.path("a.png"), "--kernel", "abacus"])
    #expect(option.status == 1)
    #expect(option.errors.contains("--kernel abacus"))
    #expect(try folder.names().isEmpty)
  }

  private func run(_ arguments: [String], environment: [String: String] = [:]) throws -> Program.Outcome {
    try Program.run(try Board.x86_64.products() + "/spindrift-run", arguments, environment: environment)
  }
}
