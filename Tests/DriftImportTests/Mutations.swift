import Foundation

/// What the mutation tests share: `SPINDRIFT_MUTATIONS` and `SPINDRIFT_MUTATION_SEED` in the environment change how many and which.
enum Mutations {
  /// How many files to mutate.
  static func count(standard: Int) -> Int { setting("SPINDRIFT_MUTATIONS") ?? standard }

  /// The same sequence in every run with the same seed.
  static var generator: SplitMix64 { SplitMix64(state: UInt64(setting("SPINDRIFT_MUTATION_SEED") ?? 1)) }

  /// The most memory that this process has held, in MiB.
  static var peakMemory: Int {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") } ?? ""
    return (Int(line.filter(\.isNumber)) ?? 0) / 1024
  }

  private static func setting(_ name: String) -> Int? { ProcessInfo.processInfo.environment[name].flatMap { Int($0) } }
}

/// Steele, Lea and Flood 2014.
struct SplitMix64: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
