import DriftRuntime
import Foundation
import Testing

struct NoiseTests {
  private func noise(_ count: Int, seed: UInt64, stream: UInt32 = 0, sample: UInt32 = 0) -> [Float] {
    var values = [Float](repeating: .nan, count: count)
    values.withUnsafeMutableBufferPointer { Noise.fillNormal($0, seed: seed, stream: stream, sample: sample) }
    return values
  }

  /// The bits of docs/arithmetic.md: anyone's implementation must give these.
  @Test func theFirstValuesNeverChange() {
    #expect(noise(8, seed: 0x1234_5678_9ABC_DEF0, stream: 3, sample: 7).map(\.bitPattern) == NoiseTests.expected)
  }

  static let expected: [UInt32] = [
    0xbf0c_fcae, 0x3ef3_7c55, 0xbf0a_a189, 0xbe87_d8b4, 0xbfb1_2824, 0x3f8b_599a, 0x3e91_4efb, 0x3f53_bd52,
  ]

  @Test func vectorsGiveTheBitsOfTheScalarDefinition() {
    for (seed, stream, sample) in [(0, 0, 0), (0x1234_5678_9ABC_DEF0, 3, 7), (.max, .max, .max)] as [(UInt64, UInt32, UInt32)] {
      let values = noise(40_000, seed: seed, stream: stream, sample: sample)
      for block in 0..<10_000 {
        let plain = Noise.block(UInt32(block), seed: seed, stream: stream, sample: sample)
        for lane in 0..<4 { #expect(values[4 * block + lane].bitPattern == plain[lane].bitPattern) }
      }
    }
  }

  @Test func momentsAreThoseOfANormalDistribution() {
    let count = 4_000_000
    let values = noise(count, seed: 42).map(Double.init)
    let mean = values.reduce(0, +) / Double(count)
    func moment(_ k: Int) -> Double { values.reduce(0) { $0 + pow($1 - mean, Double(k)) } / Double(count) }
    let variance = moment(2)
    // Within 5 standard errors.
    #expect(abs(mean) < 5 * (1 / Double(count)).squareRoot())
    #expect(abs(variance - 1) < 5 * (2 / Double(count)).squareRoot())
    #expect(abs(moment(3)) < 5 * (6 / Double(count)).squareRoot())
    #expect(abs(moment(4) / (variance * variance) - 3) < 5 * (24 / Double(count)).squareRoot())
  }

  @Test func theDistributionIsNormalByKolmogorovAndSmirnov() {
    let count = 1_000_000
    let values = noise(count, seed: 7, stream: 1).sorted()
    var distance = 0.0
    for (i, value) in values.enumerated() {
      let below = 0.5 * erfc(-Double(value) / 2.0.squareRoot())
      distance = max(distance, below - Double(i) / Double(count), Double(i + 1) / Double(count) - below)
    }
    // The bound that true normal values exceed once in ten thousand tries.
    #expect(distance * Double(count).squareRoot() < 2.23)
  }

  @Test func seedsStreamsAndSamplesAreIndependent() {
    let count = 100_000
    let base = noise(count, seed: 5)
    let others = [
      noise(count, seed: 6), noise(count, seed: 5 + 1 << 32), noise(count, seed: 5, stream: 1), noise(count, seed: 5, sample: 1),
      Array(noise(count + 1, seed: 5).dropFirst()),
    ]
    for other in others {
      let correlation = zip(base, other).reduce(0.0) { $0 + Double($1.0) * Double($1.1) } / Double(count)
      #expect(abs(correlation) < 5 / Double(count).squareRoot())
    }
  }

  @Test func anyLengthIsAPrefixOfALongerOne() {
    let long = noise(64, seed: 9)
    for count in 0..<64 { #expect(noise(count, seed: 9) == Array(long.prefix(count))) }
  }

  @Test func interleavedNoiseHoldsTheSameValues() {
    let (channels, pixels) = (3, 7)
    let planar = noise(channels * pixels, seed: 11)
    var interleaved = [Float](repeating: 0, count: channels * pixels)
    interleaved.withUnsafeMutableBufferPointer {
      Noise.fillNormal($0.baseAddress!, channels: channels, pixels: pixels, seed: 11, stream: 0, sample: 0)
    }
    for c in 0..<channels {
      for p in 0..<pixels { #expect(interleaved[p * channels + c] == planar[c * pixels + p]) }
    }
  }
}
