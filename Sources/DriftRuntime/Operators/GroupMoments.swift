import CDriftKernels
import DriftFormat

/// Exact sums over the channels of a group that lie in one input, and their scale.
struct GroupPart {
  let count: Int64
  let sum: Int64
  let squareSum: Int64
  let scale: Float

  init(
    _ sums: UnsafePointer<Int64>, _ squareSums: UnsafePointer<Int64>, _ channels: Range<Int>, of input: Executor.Operand
  ) {
    var (sum, squareSum): (Int64, Int64) = (0, 0)
    for c in channels {
      sum &+= sums[c]
      squareSum &+= squareSums[c]
    }
    self.init(
      count: Int64(truncatingIfNeeded: channels.count &* input.pixels), sum: sum, squareSum: squareSum, scale: input.scale)
  }

  init(count: Int64, sum: Int64, squareSum: Int64, scale: Float) {
    (self.count, self.sum, self.squareSum, self.scale) = (count, sum, squareSum, scale)
  }

  /// Mean, and sum of squared deviations from it. The deviations are taken from the truncated mean, in integers: no cancellation.
  var moments: (mean: Float, squares: Float) {
    let truncated = sum / count
    let rest = sum &- truncated &* count
    let squares = squareSum &- truncated &* (2 &* sum &- count &* truncated)
    let excess = drift_f32_from_i64(rest) / drift_f32_from_i64(count)
    let mean = (drift_f32_from_i64(truncated) + excess) * scale
    let positive = drift_f32_from_i64(squares) - drift_f32_from_i64(rest) * excess
    return (mean, (positive > 0 ? positive : 0) * (scale * scale))
  }
}

/// Mean and variance of a group over one or both inputs (Chan's formula joins the two).
func groupMoments(_ a: GroupPart, _ b: GroupPart?) -> (mean: Float, variance: Float) {
  guard let b, b.count > 0 else { return moments(of: a) }
  guard a.count > 0 else { return moments(of: b) }
  let (left, right) = (a.moments, b.moments)
  let (countA, countB) = (drift_f32_from_i64(a.count), drift_f32_from_i64(b.count))
  let count = drift_f32_from_i64(a.count &+ b.count)
  let delta = right.mean - left.mean
  let mean = left.mean + delta * (countB / count)
  let between = (delta * delta) * ((countA * countB) / count)
  return (mean, ((left.squares + right.squares) + between) / count)
}

private func moments(of part: GroupPart) -> (mean: Float, variance: Float) {
  let (mean, squares) = part.moments
  return (mean, squares / drift_f32_from_i64(part.count))
}
