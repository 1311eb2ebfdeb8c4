/// Prefix sums of a histogram: the squared error of clipping to any range in constant time.
public struct ClippingMoments: Sendable {
  private let count: [Double]
  private let sum: [Double]
  private let squares: [Double]
  private let width: Double
  package let minimum: Double
  package let maximum: Double

  package init(_ histogram: ActivationHistogram) {
    self.init(weighted: [(histogram, 1)])
  }

  /// A weighted sum of histograms, such as the steps of a group.
  public init(weighted parts: [(histogram: ActivationHistogram, weight: Double)]) {
    let filled = parts.filter { !$0.histogram.isEmpty && $0.weight > 0 }
    let bins = filled.first?.histogram.counts.count ?? ActivationHistogram.binCount
    let exponent = filled.map(\.histogram.exponent).max() ?? 0
    var total = [Double](repeating: 0, count: bins)
    for (histogram, weight) in filled {
      let shift = min(exponent - histogram.exponent, 30)
      for (index, value) in histogram.counts.enumerated() where value > 0 {
        total[bins / 2 + ((index - bins / 2) >> shift)] += Double(value) * weight
      }
    }
    width = Double(sign: .plus, exponent: exponent, significand: 1)
    minimum = Double(filled.map(\.histogram.minimum).min() ?? 0)
    maximum = Double(filled.map(\.histogram.maximum).max() ?? 0)
    var count = [0.0]
    var sum = [0.0]
    var squares = [0.0]
    for (index, weight) in total.enumerated() {
      let center = (Double(index - bins / 2) + 0.5) * width
      count.append(count[index] + weight)
      sum.append(sum[index] + weight * center)
      squares.append(squares[index] + weight * center * center)
    }
    self.count = count
    self.sum = sum
    self.squares = squares
  }

  /// Number of values, weighted.
  public var total: Double { count[count.count - 1] }

  /// Mean of the squares.
  public var power: Double { total > 0 ? squares[squares.count - 1] / total : 0 }

  /// Mean squared error of rounding to steps of `scale` within [low, high] and clipping outside.
  /// - Parameter clippingWeight: how much more the error of clipped values counts.
  public func meanSquaredError(low: Double, high: Double, scale: Double, clippingWeight: Double = 1) -> Double {
    guard total > 0 else { return 0 }
    let last = count.count - 1
    let from = edge(low)
    let to = max(from, edge(high))
    let below = squares[from] - 2 * low * sum[from] + low * low * count[from]
    let above =
      (squares[last] - squares[to]) - 2 * high * (sum[last] - sum[to]) + high * high * (count[last] - count[to])
    let inside = (count[to] - count[from]) * scale * scale / 12
    return ((max(0, below) + max(0, above)) * clippingWeight + inside) / total
  }

  /// Mean squared error of rounding to `levels` + 1 values from `low` on, `scale` apart, counted value by value.
  /// - Parameter clippingWeight: how much more the error of values beyond the ends counts.
  package func meanSquaredError(low: Double, levels: Int, scale: Double, clippingWeight: Double) -> Double {
    guard total > 0 else { return 0 }
    let last = count.count - 1
    let high = low + Double(levels) * scale
    let to = max(edge(low), edge(high))
    var from = edge(low)
    var error = max(0, squaredError(0, from, low) + squaredError(to, last, high)) * clippingWeight
    for level in 0...levels {
      let value = low + Double(level) * scale
      let next = level == levels ? to : min(max(from, edge(value + scale / 2)), to)
      error += max(0, squaredError(from, next, value))
      from = next
    }
    return error / total
  }

  /// Sum of the squared distances of the values in bins from ..< to from `value`.
  private func squaredError(_ from: Int, _ to: Int, _ value: Double) -> Double {
    (squares[to] - squares[from]) - 2 * value * (sum[to] - sum[from]) + value * value * (count[to] - count[from])
  }

  /// Index of the first bin whose center is not below `value`.
  private func edge(_ value: Double) -> Int {
    let position = (value / width - 0.5).rounded(.up) + Double((count.count - 1) / 2)
    return Int(min(max(position, 0), Double(count.count - 1)))
  }
}
