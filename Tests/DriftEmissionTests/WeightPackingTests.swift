import DriftEmission
import DriftTestImages
import Testing

@Suite struct WeightPackingTests {
  @Test func depthwiseWeightsLieByTapThenChannel() {
    let weights = (0..<3 * 2).map { Int8($0 + 1) }
    let packed = WeightPacking.packDepthwise(weights, channels: 3, taps: 2)
    let rows = [[1, 3, 5], [2, 4, 6]].map { $0 + [UInt8](repeating: 0, count: 13) }
    #expect(packed == rows.flatMap { $0 })
  }

  @Test(arguments: [(1, 1, 1), (16, 4, 9), (17, 5, 9), (3, 7, 4)])
  func everyWeightLiesWhereTheFormatSays(outputs: Int, inputs: Int, taps: Int) {
    var random = SeededGenerator(seed: 2)
    let weights = (0..<outputs * inputs * taps).map { _ in Int8(random.next(below: 255) - 127) }
    let packed = WeightPacking.pack(weights, outputs: outputs, inputs: inputs, taps: taps)
    let (outputBlocks, inputBlocks) = ((outputs + 15) / 16, (inputs + 3) / 4)
    #expect(packed.count == outputBlocks * taps * inputBlocks * 64)

    // Read the packed array in its own order: [output block][tap][input block][16][4].
    var position = 0
    for outputBlock in 0..<outputBlocks {
      for tap in 0..<taps {
        for inputBlock in 0..<inputBlocks {
          for lane in 0..<64 {
            let (output, input) = (outputBlock * 16 + lane / 4, inputBlock * 4 + lane % 4)
            let expected = output < outputs && input < inputs ? weights[(output * inputs + input) * taps + tap] : 0
            #expect(Int8(bitPattern: packed[position]) == expected)
            position += 1
          }
        }
      }
    }
  }

  @Test func sumsAreTakenOverInputsAndTaps() {
    let sums = WeightPacking.sums([1, 2, 3, 4, -127, 127, -127, -127], outputs: 2, inputs: 2, taps: 2)
    #expect(sums == [10, -254])
  }
}
