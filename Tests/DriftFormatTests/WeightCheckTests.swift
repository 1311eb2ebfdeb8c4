import DriftEmission
import DriftFormat
import DriftTestImages
import Testing

/// The single pass over packed weights, against a plain recomputation.
@Suite struct WeightCheckTests {
  private struct Weights {
    var outputs: Int, taps: Int, inputs: Int
    var packed: [UInt8]
    var sums: [Int32]

    init(outputs: Int, taps: Int, inputs: Int, seed: UInt64) {
      (self.outputs, self.taps, self.inputs) = (outputs, taps, inputs)
      var random = SeededGenerator(seed: seed)
      let weights = (0..<outputs * inputs * taps).map { _ in Int8(random.next(below: 255) - 127) }
      packed = WeightPacking.pack(weights, outputs: outputs, inputs: inputs, taps: taps)
      sums = WeightPacking.sums(weights, outputs: outputs, inputs: inputs, taps: taps)
    }

    func verdict() -> (drift_weights_verdict, drift_weights_report) {
      var report = drift_weights_report()
      let verdict = packed.withUnsafeBytes {
        drift_weights_verify(
          $0.baseAddress?.assumingMemoryBound(to: Int8.self), sums, UInt32(outputs), UInt32(taps), UInt32(inputs), &report)
      }
      return (verdict, report)
    }
  }

  private static let shapes = [(1, 1, 1), (16, 1, 4), (17, 9, 5), (33, 2, 7), (15, 25, 3), (64, 9, 32)]

  @Test(arguments: shapes)
  func everySingleDamageIsFound(_ shape: (Int, Int, Int)) {
    let (outputs, taps, inputs) = shape
    let weights = Weights(outputs: outputs, taps: taps, inputs: inputs, seed: 1)
    #expect(weights.verdict().0 == DRIFT_WEIGHTS_VALID)
    let inputBlocks = (inputs + 3) / 4
    for position in stride(from: 0, to: weights.packed.count, by: weights.packed.count > 4000 ? 7 : 1) {
      let block = position / 64
      let output = block / (taps * inputBlocks) * 16 + position % 64 / 4
      let input = block % inputBlocks * 4 + position % 4
      var damaged = weights
      damaged.packed[position] &+= damaged.packed[position] == 127 ? 2 : 1
      if damaged.packed[position] == 0x80 { damaged.packed[position] = 0x81 }
      let (verdict, report) = damaged.verdict()
      if output >= outputs || input >= inputs {
        #expect(verdict == DRIFT_WEIGHTS_PADDING)
        #expect(report.position == UInt64(position))
      } else {
        #expect(verdict == DRIFT_WEIGHTS_SUM)
        #expect(report.position == UInt64(output))
      }
      damaged.packed[position] = 0x80
      #expect(damaged.verdict().0 == DRIFT_WEIGHTS_OUT_OF_RANGE)
      #expect(damaged.verdict().1.position == UInt64(position))
    }
  }
}
