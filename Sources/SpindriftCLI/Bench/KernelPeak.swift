import CDriftKernels
import CDriftPlatform
import Dispatch
import DriftRuntime
import Synchronization

/// What the matrix product of a kernel set reaches where memory does not hold it back.
enum KernelPeak {
  /// A 3x3 convolution's inner product over 64 channels: 9 KiB of weights and 4 KiB of operands stay in the first-level cache.
  private static let taps = 9, blocks = 16

  /// Giga multiply-adds per second of `threads` threads together, best of the rounds that fit into the budget.
  static func measure(_ kernels: KernelSet, threads: Int, budget: Duration) throws(CommandError) -> Double {
    let best = Mutex(0.0)
    let rounds = Mutex([Int: [Double]]())
    DispatchQueue.concurrentPerform(iterations: threads) { thread in
      let found = oneThread(kernels, budget: budget)
      rounds.withLock { $0[thread] = found }
    }
    rounds.withLock { rounds in
      let count = rounds.values.map(\.count).min() ?? 0
      for round in 0..<count {
        let sum = rounds.values.reduce(0) { $0 + $1[round] }
        best.withLock { $0 = max($0, sum) }
      }
    }
    let result = best.withLock { $0 }
    guard result > 0 else { throw CommandError("the int8 peak could not be measured on \(threads) threads; ask for fewer") }
    return result
  }

  /// Rates of rounds of about 10 ms each.
  private static func oneThread(_ kernels: KernelSet, budget: Duration) -> [Double] {
    let set = kernels.functions.pointee
    let tileRows = Int(set.tile_rows)
    let operand = [Int8](repeating: 3, count: taps * tileRows * 4 * blocks + 64)
    let weights = [Int8](repeating: 5, count: taps * blocks * 64 + 64)
    var sums = [Int32](repeating: 0, count: tileRows * 16)
    let work = Double(tileRows * 16 * taps * blocks * 4)
    return operand.withUnsafeBufferPointer { operand in
      weights.withUnsafeBufferPointer { weights in
        sums.withUnsafeMutableBufferPointer { sums in
          guard let x = operand.baseAddress, let w = weights.baseAddress, let out = sums.baseAddress else { return [] }
          let rows = (0..<taps * tileRows).map { x + $0 * 4 * blocks }
          func seconds(_ calls: Int) -> Double {
            let start = drift_clock_nanoseconds()
            for _ in 0..<calls { set.multiply(rows, UInt32(taps), UInt32(blocks), w, out) }
            return Double(max(drift_clock_nanoseconds() - start, 1)) / 1e9
          }
          var calls = 64
          while seconds(calls) < 0.005 { calls *= 2 }
          var rates: [Double] = []
          let end = ContinuousClock.now + budget
          repeat { rates.append(work * Double(calls) / seconds(calls) / 1e9) } while ContinuousClock.now < end
          return rates
        }
      }
    }
  }
}
