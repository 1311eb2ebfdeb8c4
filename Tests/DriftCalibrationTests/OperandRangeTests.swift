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
    let (low, high) = range.bounds(symmetric: false)
    #expect(low <= min(ends.0, 0) + Double(range.scale) && high >= max(ends.1, 0) - Double(range.scale))
  }

  @Test func searchIsNoWorseThanAnyRangeOfAFineGrid() {
    let values = (1..<40_000).map { index -> Float in
      let u = Float(index) / 40_000
      let heavy = tanf((u - 0.5) * 3.0)
      return heavy / (1 + expf(-heavy))
    }
    let moments = moments(values)
    let found = OperandRange.search(moments, symmetric: false).cost(moments, symmetric: false)
    var best = Double.infinity
    for low in stride(from: 0.4, through: 1, by: 0.02) {
      for high in stride(from: 0.4, through: 1, by: 0.02) {
        let range = OperandRange.covering(low: moments.minimum * low, high: moments.maximum * high)
        best = min(best, range.cost(moments, symmetric: false))
      }
    }
    #expect(found <= best * 1.02)
  }

  @Test func symmetricRangesNeverUseMinus128() {
    let range = OperandRange.symmetric(2.54)
    #expect(range.zeroPoint == 0)
    #expect(abs(range.bounds(symmetric: true).low + 2.54) < 1e-5)
  }

  @Test func aTensorThatIsAlwaysZeroGetsAScale() {
    let range = OperandRange.search(moments([0, 0, 0]), symmetric: false)
    #expect(range.scale >= OperandRange.leastScale)
  }
}
