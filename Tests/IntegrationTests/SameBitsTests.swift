import Foundation
import Testing

/// The same file, seed and request give the same bytes everywhere.
@Suite(.serialized)
struct SameBitsTests {
  /// Runs of the small model: seed, class, guidance, number of samples.
  static let requests: [[String]] = [
    ["--seed", "1", "--count", "3"],
    ["--seed", "18446744073709551615", "--class", "1"],
    ["--seed", "7", "--class", "0", "--guidance", "2.5", "--count", "2"],
  ]

  @Test(arguments: Board.allCases)
  func everyOperatorGivesTheHostsBytesOnEveryProcessorWithEveryKernel(board: Board) throws {
    for model in [try Workshop.complete(), try Workshop.cached(), try Workshop.transformer()] { try compare(model, on: board) }
    let ways = [["--strategy", "gather"], ["--strategy", "scatter"], ["--events", "ternary"], ["--state", "reset"]]
    try compare(try Workshop.spiking(), on: board, ways: ways)
    // Neurons that fire leave no choice of what they send and keep.
    try compare(try Workshop.neurons(), on: board, requests: [Self.requests[0]], ways: Array(ways.prefix(2)))
  }

  /// A model's samples on every CPU model of a board with every kernel, against the host's.
  /// - Parameter ways: options that take turns and change nothing.
  private func compare(
    _ model: String, on board: Board, requests: [[String]] = Self.requests, ways: [[String]] = [[]]
  ) throws {
    let program = try board.products() + "/spindrift-run"
    let folder = try TemporaryFolder()
    var turn = 0
    for request in requests {
      let expected = try host(model, request, kernel: "scalar")
      #expect(try host(model, request, kernel: nil) == expected)
      for processor in board.processors.isEmpty ? [nil] : board.processors.map(Optional.some) {
        for (index, kernel) in (board.kernels.map(Optional.some) + [nil]).enumerated() {
          let raw = folder.path("raw.npy")
          let way = ways[turn % ways.count]
          turn += 1
          let outcome = try board.run(
            program, [model, "--raw", raw, "--threads", "\(1 + index % 4)"] + request + way, processor: processor,
            environment: kernel.map { ["SPINDRIFT_KERNEL": $0] } ?? [:])
          #expect(outcome.status == 0, "\(outcome.errors)")
          let found = try Data(contentsOf: URL(fileURLWithPath: raw))
          #expect(found == expected, "\(processor ?? "host"), \(kernel ?? "best"), \(request), \(way)")
        }
      }
    }
  }

  @Test(arguments: Board.allCases)
  func digitsGiveTheHostsBytesOnEveryProcessor(board: Board) throws {
    let model = try Workshop.digits()
    let program = try board.products() + "/spindrift-run"
    let folder = try TemporaryFolder()
    let request = ["--seed", "3", "--class", "7", "--guidance", "2"]
    let expected = try host(model, request, kernel: "scalar")
    #expect(try host(model, request, kernel: nil) == expected)
    for processor in board.processors.isEmpty ? [nil] : board.processors.map(Optional.some) {
      let raw = folder.path("raw.npy")
      let outcome = try board.run(program, [model, "--raw", raw, "--threads", "2"] + request, processor: processor)
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(try Data(contentsOf: URL(fileURLWithPath: raw)) == expected, "\(processor ?? "host")")
    }
  }

  @Test
  func theDotProductKernelsRunOnTheProcessorThatHasThem() throws {
    let model = try Workshop.complete()
    let program = try Board.aarch64.products() + "/spindrift-run"
    let folder = try TemporaryFolder()
    let arguments = [model, "--raw", folder.path("raw.npy")]
    let environment = ["SPINDRIFT_KERNEL": "dotprod"]
    let able = try Board.aarch64.run(program, arguments, processor: "cortex-a76", environment: environment)
    #expect(able.status == 0, "\(able.errors)")
    #expect(try Data(contentsOf: URL(fileURLWithPath: folder.path("raw.npy"))) == host(model, [], kernel: "scalar"))
    let unable = try Board.aarch64.run(program, arguments, processor: "cortex-a53", environment: environment)
    #expect(unable.status == 1)
    #expect(unable.errors.contains("SPINDRIFT_KERNEL"))
  }

  @Test(arguments: [Board.x86_64, .aarch64])
  func suppliedNoiseTakesThePlaceOfTheSeeds(board: Board) throws {
    let model = try Workshop.complete()
    let folder = try TemporaryFolder()
    let noise = folder.path("noise.npy")
    try ArrayFile(shape: [2, 1, 8, 8], values: (0..<128).map { Float($0 % 17) / 8 - 1 }).write(noise)
    let raw = folder.path("raw.npy")
    let outcome = try board.run(try board.products() + "/spindrift-run", [model, "--raw", raw, "--noise", noise, "--seed", "5"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    let found = try Data(contentsOf: URL(fileURLWithPath: raw))
    #expect(found == (try host(model, ["--noise", noise, "--seed", "5"], kernel: nil)))
    #expect(try ArrayFile(raw).shape == [2, 1, 8, 8])
  }

  /// Starting noise has the sample's shape, what comes out the picture's.
  @Test(arguments: [Board.x86_64, .aarch64])
  func decodersDeliverPicturesOfTheirOwnShape(board: Board) throws {
    let model = try Workshop.transformer()
    let folder = try TemporaryFolder()
    let noise = folder.path("noise.npy")
    try ArrayFile(shape: [2, 2, 4, 4], values: (0..<64).map { Float($0 % 17) / 8 - 1 }).write(noise)
    let (raw, png) = (folder.path("raw.npy"), folder.path("a.png"))
    let program = try board.products() + "/spindrift-run"
    let outcome = try board.run(program, [model, "-o", png, "--raw", raw, "--noise", noise, "--threads", "2"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(try ArrayFile(raw).shape == [2, 3, 8, 8])
    #expect(try Data(contentsOf: URL(fileURLWithPath: raw)) == host(model, ["--noise", noise], kernel: "scalar"))
    let picture = try Picture(png)
    #expect((picture.width, picture.height, picture.channels) == (16, 8, 3))
    try ArrayFile(shape: [3, 8, 8], values: [Float](repeating: 0, count: 192)).write(noise)
    let refused = try board.run(program, [model, "--raw", raw, "--noise", noise])
    #expect(refused.status == 1 && refused.errors.contains("[2, 4, 4]"), "\(refused.errors)")
  }

  /// The raw file of the host's `spindrift run`.
  private func host(_ model: String, _ request: [String], kernel: String?) throws -> Data {
    let folder = try TemporaryFolder()
    let raw = folder.path("raw.npy")
    let outcome = try Program.run(
      Workshop.converter, ["run", model, "--raw", raw] + request, environment: kernel.map { ["SPINDRIFT_KERNEL": $0] } ?? [:])
    try #require(outcome.status == 0, "\(outcome.errors)")
    return try Data(contentsOf: URL(fileURLWithPath: raw))
  }
}
