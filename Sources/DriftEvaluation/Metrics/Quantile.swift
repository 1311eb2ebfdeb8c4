extension Collection where Element == Double {
  /// The value below which a share `fraction` of the values lies, between order statistics interpolated linearly (as NumPy does by default).
  /// - Returns: nil if there are no values. A neighbour that is infinite wins over interpolation.
  public func quantile(_ fraction: Double) -> Double? {
    let sorted = self.sorted()
    guard let last = sorted.last else { return nil }
    let position = Swift.min(Swift.max(fraction, 0), 1) * Double(sorted.count - 1)
    let below = Int(position)
    guard below + 1 < sorted.count else { return last }
    let weight = position - Double(below)
    return weight == 0 ? sorted[below] : sorted[below] + (sorted[below + 1] - sorted[below]) * weight
  }

  /// The middle value, or the mean of the two middle ones.
  public var median: Double? { quantile(0.5) }

  /// Arithmetic mean; nil if there are no values.
  public var mean: Double? { isEmpty ? nil : reduce(0, +) / Double(count) }
}
