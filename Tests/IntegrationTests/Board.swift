import Foundation
import Testing

/// What programs are built for, and how they run here.
enum Board: String, CaseIterable, CustomTestStringConvertible {
  case x86_64
  case aarch64
  case armv7

  var testDescription: String { rawValue }

  /// CPU models to run as; empty: this machine itself.
  var processors: [String] {
    switch self {
    case .x86_64: []
    case .aarch64: ["cortex-a53", "cortex-a72", "cortex-a76"]
    case .armv7: ["cortex-a7"]
    }
  }

  /// Debian's C compiler for it.
  var compiler: String {
    switch self {
    case .x86_64: "gcc"
    case .aarch64: "aarch64-linux-gnu-gcc"
    case .armv7: "arm-linux-gnueabihf-gcc"
    }
  }

  /// Names of the kernels that `SPINDRIFT_KERNEL` may choose on every CPU model.
  var kernels: [String] {
    switch self {
    case .x86_64: ["scalar"]
    case .aarch64, .armv7: ["scalar", "neon"]
    }
  }

  /// Folder of what `tools/cross-build` makes.
  func products() throws -> String {
    let folder = Workshop.root.appendingPathComponent("out/\(rawValue)").path
    try Board.builds[self]!.get()
    return folder
  }

  /// Folder of the same programs with `heap_counter.c` for an allocator.
  func countedProducts() throws -> String {
    let folder = Workshop.root.appendingPathComponent("out/counted/\(rawValue)").path
    try Board.countedBuilds[self]!.get()
    return folder
  }

  /// Runs one of its programs.
  /// - Parameter processor: the CPU model; the first of ``processors`` if nil.
  func run(
    _ program: String, _ arguments: [String], processor: String? = nil, environment: [String: String] = [:]
  ) throws -> Program.Outcome {
    guard let (emulator, options) = command(processor) else {
      return try Program.run(program, arguments, environment: environment)
    }
    return try Program.run(emulator, options + [program] + arguments, environment: environment)
  }

  /// The emulator and its options; nil where none is needed.
  func command(_ processor: String? = nil) -> (emulator: String, options: [String])? {
    guard let model = processor ?? processors.first else { return nil }
    return (self == .aarch64 ? "qemu-aarch64" : "qemu-arm", ["-cpu", model])
  }

  private typealias Builds = [Board: Result<Void, any Error>]

  /// One after the other: each uses all cores.
  private static let builds: Builds = build { [$0.rawValue] }

  private static let countedBuilds: Builds = build { board in
    let counter = Workshop.root.appendingPathComponent("Tests/IntegrationTests/Programs/heap_counter.c").path
    let folder = Workshop.root.appendingPathComponent("out/counted/\(board.rawValue)").path
    _ = builds
    return ["--with", counter, "--out", folder, board.rawValue]
  }

  private static func build(_ arguments: (Board) -> [String]) -> Builds {
    Builds(
      uniqueKeysWithValues: allCases.map { board in
        (
          board,
          Result {
            let script = Workshop.root.appendingPathComponent("tools/cross-build").path
            let outcome = try Program.run(script, arguments(board), timeout: 1800)
            try #require(outcome.status == 0, "tools/cross-build \(board): \(outcome.errors)")
          }
        )
      })
  }
}
