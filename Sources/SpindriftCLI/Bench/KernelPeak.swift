import CDriftPlatform
import Dispatch
import DriftRuntime
import Synchronization

/// What the multiply-add instructions of a kernel set reach where memory does not hold them back.
enum KernelPeak {
  /// Giga multiply-adds per second of `threads` threads together: the best of the rounds that fit into the budget.
  static func measure(_ kernels: KernelSet, threads: Int, budget: Duration) throws(CommandError) -> Double {
    let rates = Mutex([[Double]]())
    DispatchQueue.concurrentPerform(iterations: threads) { _ in
      let found = oneThread(kernels, budget: budget)
      rates.withLock { $0.append(found) }
    }
    let threadRates = rates.withLock { $0 }
    let rounds = threadRates.map(\.count).min() ?? 0
    let best = (0..<rounds).map { round in threadRates.reduce(0) { $0 + $1[round] } }.max()
    guard let best, best > 0 else { throw CommandError("the int8 peak could not be measured on \(threads) threads; ask for fewer") }
    return best
  }

  /// Rates of rounds of at least 5 ms each.
  private static func oneThread(_ kernels: KernelSet, budget: Duration) -> [Double] {
    var iterations = 64
    func round() -> (work: UInt64, nanoseconds: UInt64) {
      let start = drift_clock_nanoseconds()
      return (kernels.peakLoop(iterations: iterations), max(drift_clock_nanoseconds() - start, 1))
    }
    while iterations < 1 << 30, round().nanoseconds < 5_000_000 { iterations *= 2 }
    var rates: [Double] = []
    let end = ContinuousClock.now + budget
    repeat {
      let (work, nanoseconds) = round()
      rates.append(Double(work) / Double(nanoseconds))
    } while ContinuousClock.now < end
    return rates
  }
}
