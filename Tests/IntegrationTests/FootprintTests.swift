import CSpindrift
import Foundation
import Testing

/// What the programs cost a board: heap calls, memory, bytes on the card.
@Suite(.serialized)
struct FootprintTests {
  @Test(arguments: Board.allCases)
  func nothingCallsTheHeapAfterMainBegins(board: Board) throws {
    let program = try board.countedProducts() + "/spindrift-run"
    let (model, spiking) = (try Workshop.complete(), try Workshop.spiking())
    let folder = try TemporaryFolder()
    let noise = folder.path("noise.npy")
    try ArrayFile(shape: [3, 1, 8, 8], values: [Float](repeating: 0.5, count: 192)).write(noise)
    let runs: [(arguments: [String], status: Int32)] = [
      ([model, "-o", folder.path("a.png"), "--raw", folder.path("a.npy"), "--count", "3", "--class", "1", "--guidance", "2"], 0),
      ([model, "-o", folder.path("a.png"), "--count", "2", "--threads", "3"], 0),
      ([spiking, "-o", folder.path("a.png"), "--count", "2", "--class", "1", "--guidance", "2"], 0),
      ([spiking, "-o", folder.path("a.png"), "--threads", "3", "--events", "ternary", "--strategy", "gather"], 0),
      ([try Workshop.neurons(), "-o", folder.path("a.png"), "--strategy", "scatter"], 0),
      ([model, "-o", folder.path("a.png"), "--noise", noise], 0),
      ([folder.path("missing.drift"), "-o", folder.path("a.png")], 1),
      ([model, "-o", folder.path("no/such/folder.png")], 1),
      ([model, "--seed", "x"], 64),
      (["--help"], 0),
    ]
    for run in runs {
      let outcome = try board.run(program, run.arguments)
      #expect(outcome.status == run.status, "\(outcome.errors)")
      let count = outcome.errors.split(separator: "\n").last { $0.hasPrefix("heap calls:") }?.split(separator: " ").last
      #expect(count == "0", "\(run.arguments): \(outcome.errors)")
    }
  }

  @Test(arguments: Board.allCases)
  func theDaemonCallsTheHeapForNoRequest(board: Board) throws {
    let daemon = try RunningDaemon(model: try Workshop.complete(), on: board, products: try board.countedProducts())
    #expect(try daemon.serves())
    let picture = try DaemonClient(daemon.socket), bad = try DaemonClient(daemon.socket)
    picture.generate(count: 2, label: 1, guidance: 2, flags: SPINDRIFT_GENERATE_PNG.rawValue)
    bad.send([UInt8](repeating: 1, count: 16))
    #expect(try picture.receiveAll().last?.type == SPINDRIFT_FRAME_DONE)
    #expect(try bad.receiveError() == SPINDRIFT_PROTOCOL_BAD_MAGIC.rawValue)
    #expect(daemon.stop() == 0)
    #expect(daemon.errors.split(whereSeparator: \.isWhitespace) == ["heap", "calls:", "0"], "\(daemon.errors)")
  }

  @Test
  func theCounterCounts() throws {
    let folder = try TemporaryFolder()
    let source = folder.path("two.c")
    try "#include <stdlib.h>\nint main(void) { void *volatile p = malloc(3); free(p); return 0; }\n".write(
      toFile: source, atomically: true, encoding: .utf8)
    let counter = Workshop.root.appendingPathComponent("Tests/IntegrationTests/Programs/heap_counter.c").path
    let build = try Program.run("gcc", ["-static-pie", "-fPIE", "-O1", source, counter, "-o", folder.path("two")])
    #expect(build.status == 0, "\(build.errors)")
    #expect(try Program.run(folder.path("two"), []).errors.contains("heap calls:          2"))
  }

  @Test
  func peakMemoryIsTheFileTheArenaAndLessThanAMegabyte() throws {
    let model = try Workshop.digits()
    let folder = try TemporaryFolder()
    let inspection = try Program.run(Workshop.converter, ["inspect", model, "--json"])
    let facts = try #require(try JSONSerialization.jsonObject(with: Data(inspection.output.utf8)) as? [String: Any])
    let arena = try #require(facts["arena_bytes"] as? Int)
    let file = try #require(try FileManager.default.attributesOfItem(atPath: model)[.size] as? Int)

    // The kernel maps program pages that lie in its cache around those that are asked for, more or fewer from run to run: the least counts.
    let peaks = try (0..<3).map { _ in try mostResident(model, in: folder) }
    let peak = peaks.min() ?? 0
    #expect(peak > arena)
    #expect(peak < file + arena + 1_000_000, "peak \(peak), file \(file), arena \(arena)")
    print("peak resident memory of spindrift-run, x86_64: \(peak) bytes; file \(file), arena \(arena), rest \(peak - file - arena)")
  }

  /// The most resident bytes of a run that makes 16 pictures.
  private func mostResident(_ model: String, in folder: TemporaryFolder) throws -> Int {
    let process = try Program.start(
      try Board.x86_64.products() + "/spindrift-run",
      [model, "-o", folder.path("a.png"), "--raw", folder.path("a.npy"), "--count", "16"], output: folder.path("output"),
      errors: folder.path("errors"))
    var peak = 0
    while process.isRunning {
      peak = max(peak, resident(process.processIdentifier) ?? 0)
      Thread.sleep(forTimeInterval: 0.002)
    }
    #expect(process.terminationStatus == 0)
    return peak
  }

  @Test(arguments: Board.allCases)
  func programsAreStaticAndSmall(board: Board) throws {
    for name in ["spindrift-run", "spindriftd"] {
      let path = try board.products() + "/" + name
      let size = try #require(try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int)
      print("\(board.rawValue) \(name): \(size) bytes, static and stripped")
      #expect(size < 1_500_000)
      let header = try Program.run("readelf", ["-lW", path])
      #expect(!header.output.contains("INTERP"), "needs a dynamic linker")
    }
  }

  /// Resident bytes of a running program itself, not of what started it; nil when it has ended. Counted from the page tables: the kernel's
  /// own high-water mark (VmHWM) adds up counters of each core and is off by some hundred kilobytes either way.
  private func resident(_ process: Int32) -> Int? {
    guard let name = try? String(contentsOfFile: "/proc/\(process)/comm", encoding: .utf8), name.hasPrefix("spindrift-run"),
      let pages = try? String(contentsOfFile: "/proc/\(process)/smaps_rollup", encoding: .utf8),
      let line = pages.split(separator: "\n").first(where: { $0.hasPrefix("Rss:") }),
      let kilobytes = line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap({ Int($0) })
    else { return nil }
    return kilobytes * 1024
  }
}
