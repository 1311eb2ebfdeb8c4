import DriftEvaluation
import Foundation
import Testing

@Suite("Signal and error")
struct SignalTests {
  @Test("SQNR of an error a tenth as large is 20 dB")
  func sqnr() {
    let power = ErrorPower(reference: [10, -10, 10], candidate: [11, -9, 9])
    #expect(abs(power.sqnr - 20) < 1e-9)
  }

  @Test("PSNR counts the range, not the signal")
  func psnr() {
    let power = ErrorPower(reference: [0, 0, 0, 0], candidate: [0.2, -0.2, 0.2, -0.2])
    #expect(abs(power.psnr(range: 2) - 20) < 1e-5)
  }

  @Test("Sums of parts equal the whole")
  func sums() {
    var parts = ErrorPower(reference: [1, 2], candidate: [1.5, 2])
    parts.add(ErrorPower(reference: [3], candidate: [2]))
    #expect(parts == ErrorPower(reference: [1, 2, 3], candidate: [1.5, 2, 2]))
    #expect(parts.count == 3)
  }

  @Test("Equal signals have an infinite ratio")
  func equal() {
    #expect(ErrorPower(reference: [1], candidate: [1]).sqnr == .infinity)
    #expect(ErrorPower(reference: [0], candidate: [0]).psnr(range: 2) == .infinity)
  }

  @Test(
    "Quantiles interpolate as NumPy's do",
    arguments: [(0.0, 1.0), (0.05, 1.2), (0.5, 3.0), (0.9, 4.6), (1.0, 5.0), (1.5, 5.0), (-1.0, 1.0)])
  func quantile(fraction: Double, expected: Double) throws {
    let found = try #require([5.0, 1, 4, 2, 3].quantile(fraction))
    #expect(abs(found - expected) < 1e-12)
  }

  @Test("Quantiles of nothing are nil, of one value that value")
  func fewValues() {
    #expect([Double]().quantile(0.5) == nil)
    #expect([7.0].quantile(0.05) == 7)
    #expect([1, .infinity].quantile(0) == 1)
    #expect([1, 3.0].median == 2)
    #expect([1, 2, 6.0].mean == 3)
  }
}
