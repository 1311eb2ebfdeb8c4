import ArgumentParser
import CDriftPlatform
import DriftRuntime
import Foundation

/// Times every kernel set of this CPU on the shapes of real U-Nets, against what its multiply-add instructions reach on registers alone.
@main
struct KernelBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "KernelBenchmark", abstract: "Time the micro-kernels on shapes of real U-Nets, one thread.")

  @Option(help: ArgumentHelp("Only these kernels.", valueName: "name"))
  var kernel: String?

  @Option(help: ArgumentHelp("Rounds, of which the best counts.", valueName: "n"))
  var rounds: Int = 5

  mutating func validate() throws {
    guard rounds >= 1, rounds <= 1000 else { throw ValidationError("--rounds \(rounds): must be between 1 and 1000") }
    let known = KernelSet.Kind.allCases.map { "\($0.name)" }
    if let kernel, !known.contains(kernel) {
      throw ValidationError("--kernel \(kernel): known names are \(known.joined(separator: ", "))")
    }
  }

  func run() throws {
    let sets = KernelSet.Kind.allCases.filter { kernel == nil || "\($0.name)" == kernel }.compactMap { KernelSet($0) }
    guard !sets.isEmpty else { throw ValidationError("--kernel \(kernel ?? ""): this CPU has no such kernels") }
    for set in sets {
      var best = peak(set)
      let rates = LayerShape.all.map { TileBench($0, set).rate(rounds: rounds) }
      best = max(best, peak(set))
      print("\(set.kind.name): peak \(format(best, 1)) G multiply-adds/s")
      for (shape, rate) in zip(LayerShape.all, rates) {
        print("  \(pad(shape.name, 36)) \(format(rate, 1)) G/s  \(format(100 * rate / best, 1)) %")
      }
      for result in ElementBench(set).results(rounds: rounds) {
        print("  \(pad(result.name, 36)) \(format(result.nanoseconds, 3)) ns a value")
      }
    }
  }

  /// The best of rounds of 5 ms and more.
  private func peak(_ set: KernelSet) -> Double {
    var iterations = 1024
    func time() -> (work: UInt64, nanoseconds: UInt64) {
      let start = drift_clock_nanoseconds()
      return (set.peakLoop(iterations: iterations), max(drift_clock_nanoseconds() - start, 1))
    }
    while iterations < 1 << 30, time().nanoseconds < 5_000_000 { iterations *= 2 }
    return (0..<rounds * 4).map { _ in
      let (work, nanoseconds) = time()
      return Double(work) / Double(nanoseconds)
    }.max() ?? 0
  }

  private func format(_ value: Double, _ digits: Int) -> String { String(format: "%7.\(digits)f", value) }
  private func pad(_ text: String, _ width: Int) -> String { text.padding(toLength: width, withPad: " ", startingAt: 0) }
}
