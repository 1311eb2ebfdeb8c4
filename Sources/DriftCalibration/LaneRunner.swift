import Dispatch
import Synchronization

/// Work split into a fixed number of lanes, so that results do not depend on how many cores there are.
public enum LaneRunner {
  /// Lanes of every calibration and evaluation.
  public static let laneCount = 4

  /// Runs `body(lane)` for every lane, side by side, and returns the results in lane order.
  /// - Throws: the error of the lowest lane that failed.
  public static func run<Result: Sendable>(_ body: @Sendable (_ lane: Int) throws -> Result) throws -> [Result] {
    let results = Mutex<[Int: Swift.Result<Result, any Error>]>([:])
    DispatchQueue.concurrentPerform(iterations: laneCount) { lane in
      let result = Swift.Result { try body(lane) }
      results.withLock { $0[lane] = result }
    }
    let all = results.withLock { $0 }
    return try (0..<laneCount).compactMap { try all[$0]?.get() }
  }
}
