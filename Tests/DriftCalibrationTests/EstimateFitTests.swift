import DriftCalibration
import DriftRuntime
import Testing

@Suite struct EstimateFitTests {
  /// Answers as a denoiser gives them: one large signal that all share, and small differences.
  private func answers(_ count: Int, seed: UInt64) -> (lastNull: [Float], lastClass: [Float], nowClass: [Float]) {
    var state = seed
    func next() -> Float {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Float(Int64(state >> 40) - (1 << 23)) / Float(1 << 23)
    }
    let shared = (0..<count).map { _ in next() }
    return (shared.map { $0 + 0.02 * next() }, shared.map { $0 + 0.02 * next() }, shared.map { $0 + 0.03 * next() })
  }

  private func estimated(_ row: GuidanceRow, _ a: (lastNull: [Float], lastClass: [Float], nowClass: [Float])) -> [Float] {
    var result = a.lastNull
    result.withUnsafeMutableBufferPointer { result in
      a.lastClass.withUnsafeBufferPointer { last in
        a.nowClass.withUnsafeBufferPointer { row.estimate(result, last: last.baseAddress!, now: $0.baseAddress!) }
      }
    }
    return result
  }

  @Test func factorsThatMadeTheAnswerAreFound() throws {
    var fit = EstimateFit()
    let truth = GuidanceRow.estimated(lastNull: 0.9, lastClass: -1.1, nowClass: 1.15)
    for seed in 1...3 as ClosedRange<UInt64> {
      let a = answers(2000, seed: seed)
      fit.add(lastNull: a.lastNull, lastClass: a.lastClass, nowClass: a.nowClass, null: estimated(truth, a))
    }
    let row = try #require(fit.row())
    #expect(row.kind == .estimated)
    #expect(abs(row.lastNull - 0.9) < 1e-3)
    #expect(abs(row.lastClass + 1.1) < 1e-3)
    #expect(abs(row.nowClass - 1.15) < 1e-3)
  }

  @Test func sumsOfPartsGiveWhatTheWholeGives() throws {
    let truth = GuidanceRow.estimated(lastNull: 0.5, lastClass: 0.2, nowClass: 0.3)
    var (whole, parts) = (EstimateFit(), EstimateFit())
    for seed in 4...5 as ClosedRange<UInt64> {
      let a = answers(500, seed: seed)
      var part = EstimateFit()
      part.add(lastNull: a.lastNull, lastClass: a.lastClass, nowClass: a.nowClass, null: estimated(truth, a))
      parts.add(part)
      whole.add(lastNull: a.lastNull, lastClass: a.lastClass, nowClass: a.nowClass, null: estimated(truth, a))
    }
    let (one, other) = (try #require(whole.row()), try #require(parts.row()))
    #expect(abs(one.lastNull - other.lastNull) < 1e-5 && abs(one.lastClass - other.lastClass) < 1e-5)
  }

  /// Where both branches were the same there is nothing to tell the factors apart, and none may run away.
  @Test func equalBranchesGiveTheClassAnswer() throws {
    var fit = EstimateFit()
    let a = answers(1000, seed: 6)
    fit.add(lastNull: a.lastClass, lastClass: a.lastClass, nowClass: a.nowClass, null: a.nowClass)
    let row = try #require(fit.row())
    #expect(abs(row.lastNull) < 1e-3 && abs(row.lastClass) < 1e-3 && abs(row.nowClass - 1) < 1e-3)
  }

  @Test func silenceAndHugeFactorsGiveNoRow() {
    #expect(EstimateFit().row() == nil)
    var fit = EstimateFit()
    let a = answers(100, seed: 7)
    fit.add(lastNull: a.lastNull, lastClass: a.lastClass, nowClass: a.nowClass, null: a.lastNull.map { $0 * 5000 })
    #expect(fit.row() == nil)
  }

  @Test func agreementIsTheCosineMeanAndWorst() {
    var agreement = BranchAgreement()
    agreement.add([1, 0], [2, 0])
    agreement.add([1, 0], [1, 1])
    #expect(abs(agreement.mean - (1 + 0.5.squareRoot()) / 2) < 1e-9)
    #expect(abs(agreement.worst - 0.5.squareRoot()) < 1e-9)
    var sum = BranchAgreement()
    sum.add([3, 4], [3, 4])
    sum.add(agreement)
    #expect(abs(sum.mean - (2 + 0.5.squareRoot()) / 3) < 1e-9)
    #expect(abs(sum.worst - 0.5.squareRoot()) < 1e-9)
    var silent = BranchAgreement()
    silent.add([0, 0], [0, 0])
    #expect(silent.mean == 1)
    silent.add([0, 0], [1, 0])
    #expect(silent.worst == 0)
  }
}
