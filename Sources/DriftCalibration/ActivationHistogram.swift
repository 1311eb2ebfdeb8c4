/// Counts of a tensor's values in bins of equal width around zero. The width is a power of two and doubles when a value falls outside, by
/// merging pairs of bins, so the result depends on the set of values alone and not on their order.
public struct ActivationHistogram: Sendable {
  /// Bins of a whole tensor.
  public static let binCount = 4096

  /// Half of the bins lie below zero.
  package private(set) var counts: [UInt32]
  /// Bins have width 2^exponent.
  public private(set) var exponent: Int = -24
  package private(set) var minimum: Float = .infinity
  package private(set) var maximum: Float = -.infinity

  /// - Parameter bins: a power of two.
  package init(bins: Int = binCount) { counts = [UInt32](repeating: 0, count: bins) }

  package var isEmpty: Bool { minimum > maximum }

  /// Counts every value of a tensor. Values are finite.
  public mutating func add(_ values: UnsafeBufferPointer<Float>) {
    var low = minimum
    var high = maximum
    for value in values {
      low = min(low, value)
      high = max(high, value)
    }
    guard low <= high else { return }
    minimum = low
    maximum = high
    grow(toHold: max(-low, high))
    let half = counts.count / 2
    let perUnit = Float(sign: .plus, exponent: -exponent, significand: 1)
    counts.withUnsafeMutableBufferPointer { counts in
      for value in values {
        Self.add(1, to: &counts[half + Int((value * perUnit).rounded(.down))])
      }
    }
  }

  /// Counts everything that another histogram has counted.
  public mutating func merge(_ other: ActivationHistogram) {
    guard !other.isEmpty else { return }
    var other = other
    minimum = min(minimum, other.minimum)
    maximum = max(maximum, other.maximum)
    grow(to: max(exponent, other.exponent))
    other.grow(to: exponent)
    for index in counts.indices { Self.add(other.counts[index], to: &counts[index]) }
  }

  /// Stops at the greatest count instead of trapping: a long calibration of large pictures may put more than 2^32 values into one bin, and
  /// what lies beyond hardly moves a range.
  @inline(__always)
  private static func add(_ count: UInt32, to bin: inout UInt32) {
    let (sum, overflow) = bin.addingReportingOverflow(count)
    bin = overflow ? .max : sum
  }

  private mutating func grow(toHold magnitude: Float) {
    var needed = exponent
    while magnitude >= Float(sign: .plus, exponent: needed, significand: Float(counts.count / 2 - 1)) { needed += 1 }
    grow(to: needed)
  }

  private mutating func grow(to newExponent: Int) {
    guard newExponent > exponent else { return }
    let shift = min(newExponent - exponent, 30)
    exponent = newExponent
    guard counts.contains(where: { $0 > 0 }) else { return }
    let half = counts.count / 2
    var merged = [UInt32](repeating: 0, count: counts.count)
    for (index, count) in counts.enumerated() where count > 0 {
      Self.add(count, to: &merged[half + ((index - half) >> shift)])
    }
    counts = merged
  }
}
