import DriftCalibration
import Foundation
import Testing

@Suite struct OperandRangeTests {
  private func moments(_ values: [Float]) -> ClippingMoments {
    var histogram = ActivationHistogram()
    values.withUnsafeBufferPointer { histogram.add($0) }
    return ClippingMoments(histogram)
  }

  @Test(arguments: [(-0.28, 5.0), (0.0, 1.0), (-3.0, -1.0), (2.0, 9.0), (0.0, 0.0)])
  func zeroIsExactAndTheEndsAreHeld(_ ends: (Double, Double)) {
    let range = OperandRange.covering(low: ends.0, high: ends.1)
    #expect((-128...127).contains(range.zeroPoint))
    let (low, high) = range.bounds(OperandLevels())
    #expect(low <= min(ends.0, 0) + Double(range.scale) && high >= max(ends.1, 0) - Double(range.scale))
  }

  @Test func searchIsNoWorseThanAnyRangeOfAFineGrid() {
    let values = (1..<40_000).map { index -> Float in
      let u = Float(index) / 40_000
      let heavy = tanf((u - 0.5) * 3.0)
      return heavy / (1 + expf(-heavy))
    }
    let moments = moments(values)
    let found = OperandRange.search(moments, OperandLevels()).cost(moments, OperandLevels())
    var best = Double.infinity
    for low in stride(from: 0.4, through: 1, by: 0.02) {
      for high in stride(from: 0.4, through: 1, by: 0.02) {
        let range = OperandRange.covering(low: moments.minimum * low, high: moments.maximum * high)
        best = min(best, range.cost(moments, OperandLevels()))
      }
    }
    #expect(found <= best * 1.02)
  }

  @Test func symmetricRangesNeverUseMinus128() {
    let levels = OperandLevels(isSymmetric: true)
    let range = OperandRange.covering(low: -2.54, high: 1, levels: levels)
    #expect(range.zeroPoint == 0)
    #expect(abs(range.bounds(levels).low + 2.54) < 1e-5)
  }

  @Test func aTensorThatIsAlwaysZeroGetsAScale() {
    let range = OperandRange.search(moments([0, 0, 0]), OperandLevels())
    #expect(range.scale >= OperandRange.leastScale)
  }
}

/// Ranges of few levels.
@Suite struct OperandLevelTests {
  private func moments(_ values: [Float]) -> ClippingMoments {
    var histogram = ActivationHistogram()
    values.withUnsafeBufferPointer { histogram.add($0) }
    return ClippingMoments(histogram)
  }

  /// Values behind a ReLU: two thirds zero, the rest with a long tail.
  private var rectified: [Float] {
    (1..<30_000).map { index in
      let u = Float(index % 10_000) / 10_000
      return index % 3 == 0 ? -logf(1 - u) : 0
    }
  }

  /// Squared error of storing values as docs/arithmetic.md says.
  private func storedError(_ values: [Float], _ range: OperandRange, _ levels: OperandLevels) -> Double {
    let (low, high) = range.bounds(levels)
    let sum = values.reduce(0.0) { sum, value in
      let q = (min(max(Double(value), low), high) / Double(range.scale)).rounded(.toNearestOrEven)
      let difference = q * Double(range.scale) - Double(value)
      return sum + difference * difference
    }
    return sum / Double(values.count)
  }

  @Test(arguments: [1, 2, 3, 7, 15, 63, 127]) func theErrorOfFewLevelsIsThatOfStoring(_ count: Int) {
    let values = rectified
    let levels = OperandLevels(count)
    for high in [0.5, 2, 9] {
      let range = OperandRange.covering(low: -0.1, high: high, levels: levels)
      let expected = storedError(values, range, levels)
      // A bin of zeros counts as its centre, half a 128th from zero.
      #expect(abs(range.meanSquaredError(moments(values), levels) - expected) < 0.02 * expected + 2e-5)
    }
  }

  @Test(arguments: [1, 3, 7, 15, 63, 255]) func searchIsNoWorseThanAnyRangeOfAGrid(_ count: Int) {
    let levels = OperandLevels(count)
    let moments = moments(rectified)
    let found = OperandRange.search(moments, levels)
    let least = stride(from: 0.05, through: 1, by: 0.02).map { ratio in
      OperandRange.covering(low: 0, high: ratio * moments.maximum, levels: levels).cost(moments, levels)
    }.min()
    #expect(found.zeroPoint == -128)
    #expect(found.cost(moments, levels) <= (least ?? 0) * 1.02)
  }

  @Test(arguments: 1...255) func symmetricLevelsAreEvenAndZeroIsAlwaysOne(_ count: Int) {
    let levels = OperandLevels(count, isSymmetric: true)
    #expect(levels.lowest == -levels.highest && (1...127).contains(levels.highest))
    for ends in [(-1.0, 2.0), (0.0, 1.0), (-5.0, -1.0)] {
      let range = OperandRange.covering(low: ends.0, high: ends.1, levels: OperandLevels(count))
      #expect((-128...Int32(count) - 128).contains(range.zeroPoint))
    }
  }
}
