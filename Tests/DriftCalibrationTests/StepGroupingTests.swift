import DriftCalibration
import Testing

@Suite struct StepGroupingTests {
  /// Every way to cut `steps` into runs.
  private func allGroupings(_ steps: Int) -> [[Range<Int>]] {
    (0..<(1 << (steps - 1))).map { cuts in
      var groups: [Range<Int>] = []
      var start = 0
      for step in 1...steps where step == steps || cuts >> (step - 1) & 1 == 1 {
        groups.append(start..<step)
        start = step
      }
      return groups
    }
  }

  private func cost(_ groups: [Range<Int>], _ excess: [[[Double]]], _ weights: [Double]) -> Double {
    var total = 0.0
    for steps in groups {
      for matrix in excess {
        var best = Double.infinity
        for shared in steps {
          var sum = 0.0
          for step in steps { sum += weights[step] * matrix[step][shared] }
          best = min(best, sum)
        }
        total += best
      }
    }
    return total
  }

  private func example(steps: Int, tensors: Int, seed: UInt64) -> [[[Double]]] {
    var state = seed
    func next() -> Double {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(state >> 40) / Double(1 << 24)
    }
    return (0..<tensors).map { _ in
      let positions = (0..<steps).map { _ in next() * 4 }
      return positions.map { own in positions.map { other in 0.01 + (own - other) * (own - other) } }
    }
  }

  @Test(arguments: 1...8)
  func dynamicProgrammingFindsTheBestOfAllGroupings(_ steps: Int) {
    let excess = example(steps: steps, tensors: 3, seed: UInt64(steps))
    let weights = (0..<steps).map { 0.5 + Double($0 % 3) }
    for count in 1...steps {
      let found = StepGrouping.choose(.count(count), excess: excess, weights: weights).groups
      #expect(found.flatMap { Array($0) } == Array(0..<steps))
      #expect(found.count <= count)
      let best = allGroupings(steps).filter { $0.count <= count }.map { cost($0, excess, weights) }.min() ?? 0
      #expect(abs(cost(found, excess, weights) - best) < 1e-9)
    }
  }

  @Test func automaticStopsWhereMoreGroupsGainLessThanATenthOfADecibel() {
    let plateau: [[Double]] = (0..<12).map { t in (0..<12).map { r in t / 4 == r / 4 ? 0.01 : 5.0 } }
    let groups = StepGrouping.choose(.automatic, excess: [plateau], weights: [Double](repeating: 1, count: 12)).groups
    #expect(groups == [0..<4, 4..<8, 8..<12])
  }

  @Test func normallyDistributedTimestepsFavourTheCleanHalf() {
    let weights = CalibrationWeighting.ndtc.weights(steps: 50)
    #expect(abs(weights.reduce(0, +) - 50) < 1e-9)
    #expect(weights[49] > 5, "the clamped tail falls on the last step")
    #expect(weights[25..<45].reduce(0, +) > weights[5..<25].reduce(0, +))
    #expect(CalibrationWeighting.uniform.weights(steps: 3) == [1, 1, 1])
  }
}
