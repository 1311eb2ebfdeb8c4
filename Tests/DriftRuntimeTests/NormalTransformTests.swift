import DriftRuntime
import Foundation
import Testing

/// The polynomials against the C library in double precision, over every argument there is.
struct NormalTransformTests {
  /// 2^24 arguments, by the top byte.
  static let slices = Array(0..<16)

  @Test(arguments: slices)
  func theLogarithmIsCloseForEveryArgument(slice: Int) {
    var (worst, smallest) = (0.0, Float.infinity)
    for n in UInt32(slice << 20) + 1...UInt32(slice + 1) << 20 {
      let value = NormalTransform.negatedLogarithm(n)
      let exact = -log(Double(n) / 16_777_216)
      smallest = min(smallest, value)
      // Relative, but near n = 2^24, where the logarithm vanishes, relative to the spacing of its arguments.
      worst = max(worst, abs(Double(value) - exact) / max(exact, 0x1p-24))
    }
    #expect(worst < 0x1p-22)
    #expect(smallest >= 0)
  }

  @Test(arguments: slices)
  func sineAndCosineAreCloseForEveryArgument(slice: Int) {
    var worst = 0.0
    for t in UInt32(slice << 20)..<UInt32(slice + 1) << 20 {
      let (sine, cosine) = NormalTransform.sineAndCosine(t)
      let angle = 2 * Double.pi * Double(t) / 16_777_216
      worst = max(worst, abs(Double(sine) - sin(angle)), abs(Double(cosine) - cos(angle)))
    }
    #expect(worst < 0x1p-23)
  }

  @Test func theCornersAreExact() {
    #expect(NormalTransform.negatedLogarithm(1 << 24) == 0)
    #expect(NormalTransform.sineAndCosine(0) == (0, 1))
    #expect(NormalTransform.sineAndCosine(1 << 22) == (1, 0))
    #expect(NormalTransform.sineAndCosine(1 << 23) == (0, -1))
    #expect(NormalTransform.sineAndCosine(3 << 22) == (-1, 0))
    let (a, b) = NormalTransform.pair(0, 0)
    #expect(abs(Double(a) - (48 * log(2.0)).squareRoot()) < 1e-5 && b == 0)
  }
}
