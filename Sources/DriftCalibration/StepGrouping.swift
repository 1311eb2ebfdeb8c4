import Foundation

/// How many step groups the converter makes.
public enum StepGroupChoice: Sendable, Equatable {
  /// As few as cost less than 0.1 dB against a group for each step.
  case automatic
  case count(Int)
}

/// Contiguous runs of sampler steps that share activation scales, placed where sharing costs least.
public struct StepGrouping: Sendable, Equatable {
  /// Steps of each group, in order; together they are all steps.
  public var groups: [Range<Int>]

  package init(groups: [Range<Int>]) { self.groups = groups }

  /// The group of each step.
  public var groupOfStep: [Int] {
    groups.enumerated().flatMap { group, steps in [Int](repeating: group, count: steps.count) }
  }

  /// Exact optimum by dynamic programming.
  /// - Parameters:
  ///   - excess: [tensor][t][t'] error at step t with the range that is best for step t', relative to the tensor's power at t.
  ///   - weights: of the steps.
  public static func choose(_ choice: StepGroupChoice, excess: [[[Double]]], weights: [Double]) -> StepGrouping {
    let steps = weights.count
    let cost = segmentCosts(excess: excess, weights: weights)
    switch choice {
    case .count(let count):
      return solve(cost, steps: steps, limit: max(1, min(count, steps))).last ?? StepGrouping(groups: [0..<steps])
    case .automatic:
      let solutions = solve(cost, steps: steps, limit: steps)
      let finest = total(cost, solutions[steps - 1])
      return solutions.first { total(cost, $0) <= finest * pow(10, 0.01) } ?? solutions[steps - 1]
    }
  }

  private static func total(_ cost: [[Double]], _ grouping: StepGrouping) -> Double {
    grouping.groups.reduce(0) { $0 + cost[$1.lowerBound][$1.upperBound - 1] }
  }

  /// cost[i][j]: sum over tensors of the error of steps i...j under the best single range among theirs.
  private static func segmentCosts(excess: [[[Double]]], weights: [Double]) -> [[Double]] {
    let steps = weights.count
    var cost = [[Double]](repeating: [Double](repeating: 0, count: steps), count: steps)
    for matrix in excess {
      for i in 0..<steps {
        var sums = [Double](repeating: 0, count: steps)
        for j in i..<steps {
          for r in 0..<steps { sums[r] += weights[j] * matrix[j][r] }
          cost[i][j] += sums[i...j].min() ?? 0
        }
      }
    }
    return cost
  }

  /// Best groupings with 1, 2, ... `limit` groups.
  private static func solve(_ cost: [[Double]], steps: Int, limit: Int) -> [StepGrouping] {
    var best = (0..<steps).map { cost[0][$0] }
    var starts: [[Int]] = [[Int](repeating: 0, count: steps)]
    for _ in 1..<max(limit, 1) {
      var next = best
      var from = [Int](repeating: 0, count: steps)
      for end in 0..<steps {
        next[end] = cost[0][end]
        for start in stride(from: 1, through: end, by: 1) where best[start - 1] + cost[start][end] < next[end] {
          next[end] = best[start - 1] + cost[start][end]
          from[end] = start
        }
      }
      starts.append(from)
      best = next
    }
    return (0..<max(limit, 1)).map { count in
      var groups: [Range<Int>] = []
      var end = steps
      var level = count
      while end > 0 {
        let start = starts[level][end - 1]
        groups.append(start..<end)
        end = start
        level = max(level - 1, 0)
      }
      return StepGrouping(groups: groups.reversed())
    }
  }
}
