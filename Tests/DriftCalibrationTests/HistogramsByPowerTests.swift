import DriftCalibration
import Testing

@Suite struct HistogramsByPowerTests {
  /// 31 occurrences of values up to 1 and one of values up to 40.
  private func runaway(separates: Bool, reversed: Bool = false) -> HistogramsByPower {
    var result = HistogramsByPower(separates: separates)
    for occurrence in reversed ? Array((0..<32).reversed()) : Array(0..<32) {
      let greatest: Float = occurrence == 7 ? 40 : 1
      let values = (0...400).map { greatest * Float($0 * (occurrence + 3) % 401) / 400 }
      values.withUnsafeBufferPointer { result.add($0) }
    }
    return result
  }

  private func range(_ histograms: HistogramsByPower) -> OperandRange {
    .search(ClippingMoments(weighted: histograms.parts()), OperandLevels(15, clippingWeight: 1))
  }

  @Test func aRunawayTrajectoryDoesNotSetTheRangeOfTheOthers() {
    let levels = OperandLevels(15)
    #expect(range(runaway(separates: false)).bounds(levels).high > 20)
    #expect(range(runaway(separates: true)).bounds(levels).high < 5)
  }

  @Test func countsDoNotDependOnTheOrderOrTheLanes() {
    let forward = runaway(separates: true), backward = runaway(separates: true, reversed: true)
    func counts(_ histograms: HistogramsByPower) -> [[UInt32]] { histograms.parts().map(\.histogram.counts) }
    func weights(_ histograms: HistogramsByPower) -> [Double] { histograms.parts().map(\.weight) }
    #expect(counts(forward) == counts(backward))
    #expect(weights(forward) == weights(backward) && weights(forward).count == 2)
    var doubled = forward
    doubled.merge(backward)
    #expect(counts(doubled) == counts(forward).map { $0.map { 2 * $0 } })
  }

  @Test func togetherTheyAreOneHistogramOfWeightOne() {
    let parts = runaway(separates: false).parts()
    #expect(parts.count == 1 && parts[0].weight == 1)
    #expect(parts[0].histogram.counts.reduce(0) { $0 + Int($1) } == 32 * 401)
  }

  @Test func zerosAloneAreCounted() {
    var histograms = HistogramsByPower(separates: true, channels: 2)
    [Float](repeating: 0, count: 10).withUnsafeBufferPointer { histograms.add($0) }
    #expect(histograms.parts(channel: 1).map { $0.histogram.counts.reduce(0, +) } == [5])
  }
}
