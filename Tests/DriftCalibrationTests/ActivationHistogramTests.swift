import DriftCalibration
import Testing

private func histogram(_ values: [Float]) -> ActivationHistogram {
  var result = ActivationHistogram()
  values.withUnsafeBufferPointer { result.add($0) }
  return result
}

@Suite struct ActivationHistogramTests {
  @Test func mergingInAnyOrderGivesTheSameCounts() {
    var generator = SystemRandomNumberGenerator()
    let parts = (0..<6).map { power in
      (0..<500).map { _ in Float.random(in: -1...1, using: &generator) * Float(1 << (2 * power)) }
    }
    let whole = histogram(parts.flatMap { $0 })
    var forward = ActivationHistogram()
    for part in parts { forward.merge(histogram(part)) }
    var backward = ActivationHistogram()
    for part in parts.reversed() { backward.merge(histogram(part)) }
    #expect(forward.counts == whole.counts)
    #expect(backward.counts == whole.counts)
    #expect(forward.exponent == whole.exponent)
    #expect(forward.minimum == whole.minimum && backward.maximum == whole.maximum)
  }

  @Test func everyValueIsCountedOnceHoweverTheRangeGrows() {
    let values: [Float] = [0, 1e-9, -1e-9, 1, -1, 1000, -1000, 3.5e7]
    #expect(histogram(values).counts.reduce(0) { $0 + Int($1) } == values.count)
  }

  @Test func aBinThatIsFullStaysFull() {
    var doubled = histogram([0, 1, 1, -1])
    for _ in 0..<33 { doubled.merge(doubled) }
    #expect(doubled.counts.filter { $0 > 0 } == [.max, .max, .max])
    doubled.merge(histogram([0, 3e4]))
    #expect(doubled.counts.max() == .max && doubled.maximum == 3e4)
  }

  @Test func clippingErrorAgreesWithRoundingEveryValue() {
    let values = (0..<20_000).map { index in Float(Double((index * 7919) % 20_000) / 20_000 * 6 - 1) }
    let moments = ClippingMoments(histogram(values))
    for (low, high) in [(-1.0, 5.0), (-0.5, 3.0), (0.0, 1.0)] {
      let scale = (high - low) / 255
      let direct =
        values.reduce(0.0) { sum, value in
          let clipped = min(max(Double(value), low), high)
          let rounded = (clipped / scale).rounded() * scale
          return sum + (Double(value) - rounded) * (Double(value) - rounded)
        } / Double(values.count)
      let estimate = moments.meanSquaredError(low: low, high: high, scale: scale)
      #expect(abs(estimate - direct) < 0.03 * direct + 1e-7, "range \(low)...\(high)")
    }
  }
}
