import DriftEmission
import DriftFormat
import DriftTestImages
import Testing

/// The check of depthwise weights, against a plain recomputation.
@Suite struct DepthwiseWeightTests {
  private func verdict(
    _ packed: [UInt8], _ sums: [Int32], channels: Int, taps: Int
  ) -> (drift_weights_verdict, drift_weights_report) {
    var report = drift_weights_report()
    let verdict = packed.withUnsafeBytes {
      drift_depthwise_verify(
        $0.baseAddress?.assumingMemoryBound(to: Int8.self), sums, UInt32(channels), UInt32(taps), &report)
    }
    return (verdict, report)
  }

  @Test(arguments: [(1, 1), (16, 1), (17, 9), (33, 4), (15, 25)])
  func everySingleDamageIsFound(channels: Int, taps: Int) {
    var random = SeededGenerator(seed: 9)
    let weights = (0..<channels * taps).map { _ in Int8(random.next(below: 255) - 127) }
    let packed = WeightPacking.packDepthwise(weights, channels: channels, taps: taps)
    let sums = WeightPacking.sums(weights, outputs: channels, inputs: 1, taps: taps)
    let width = (channels + 15) / 16 * 16
    #expect(packed.count == taps * width)
    #expect(verdict(packed, sums, channels: channels, taps: taps).0 == DRIFT_WEIGHTS_VALID)
    for position in packed.indices {
      let channel = position % width
      var damaged = packed
      damaged[position] &+= damaged[position] == 127 ? 2 : 1
      if damaged[position] == 0x80 { damaged[position] = 0x81 }
      var (found, report) = verdict(damaged, sums, channels: channels, taps: taps)
      #expect(found == (channel < channels ? DRIFT_WEIGHTS_SUM : DRIFT_WEIGHTS_PADDING))
      #expect(report.position == UInt64(channel < channels ? channel : position))
      damaged[position] = 0x80
      (found, report) = verdict(damaged, sums, channels: channels, taps: taps)
      #expect(found == DRIFT_WEIGHTS_OUT_OF_RANGE)
      #expect(report.position == UInt64(position))
    }
  }

  /// The largest kernel with the largest weights: the accumulator's bound holds without a rule.
  @Test func theLargestKernelIsAccepted() {
    let taps = Int(FormatLimits.kernel * FormatLimits.kernel)
    let packed = WeightPacking.packDepthwise([Int8](repeating: -127, count: taps), channels: 1, taps: taps)
    #expect(taps * 127 < 1 << 23)
    #expect(verdict(packed, [Int32(-127 * taps)], channels: 1, taps: taps).0 == DRIFT_WEIGHTS_VALID)
  }
}
