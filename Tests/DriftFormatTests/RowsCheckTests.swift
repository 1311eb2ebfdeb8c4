import DriftEmission
import DriftFormat
import DriftTestImages
import Testing

/// The check that rows are a convolution's weights once more.
@Suite struct RowsCheckTests {
  private func verdict(
    _ rows: [UInt8], _ packed: [UInt8], outputs: Int, taps: Int, inputs: Int
  ) -> (drift_weights_verdict, drift_weights_report) {
    var report = drift_weights_report()
    let verdict = rows.withUnsafeBytes { rows in
      packed.withUnsafeBytes { packed in
        drift_rows_verify(
          rows.baseAddress?.assumingMemoryBound(to: Int8.self), packed.baseAddress?.assumingMemoryBound(to: Int8.self),
          UInt32(outputs), UInt32(taps), UInt32(inputs), &report)
      }
    }
    return (verdict, report)
  }

  @Test(arguments: [(1, 1, 1), (16, 1, 4), (17, 9, 5), (33, 4, 3), (15, 6, 8)])
  func everySingleDamageIsFound(outputs: Int, taps: Int, inputs: Int) {
    var random = SeededGenerator(seed: 10)
    let weights = (0..<outputs * taps * inputs).map { _ in Int8(random.next(below: 255) - 127) }
    let packed = WeightPacking.pack(weights, outputs: outputs, inputs: inputs, taps: taps)
    let rows = WeightPacking.rows(ofPacked: packed, outputs: outputs, inputs: inputs, taps: taps)
    let width = (outputs + 15) / 16 * 16
    #expect(rows.count == taps * inputs * width)
    #expect(verdict(rows, packed, outputs: outputs, taps: taps, inputs: inputs).0 == DRIFT_WEIGHTS_VALID)
    for position in rows.indices {
      let (output, input, tap) = (position % width, position / width % inputs, position / width / inputs)
      #expect(Int8(bitPattern: rows[position]) == (output < outputs ? weights[(output * inputs + input) * taps + tap] : 0))
      var damaged = rows
      damaged[position] ^= 1
      let (found, report) = verdict(damaged, packed, outputs: outputs, taps: taps, inputs: inputs)
      #expect(found == DRIFT_WEIGHTS_SUM)
      #expect(report.position == UInt64(position))
      #expect(report.expected == Int64(Int8(bitPattern: rows[position])))
      #expect(report.found == Int64(Int8(bitPattern: damaged[position])))
    }
  }
}
