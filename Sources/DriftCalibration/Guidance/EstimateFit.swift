import DriftFormat
import DriftRuntime

/// Least squares for the null class's answer from three that are at hand: its own last one, the class's last and the class's now.
///
/// The three are nearly the same signal, so their sums of products would be as good as singular. The differences are not: with
/// d = lastNull - lastClass, s = lastClass - nowClass and the target null - nowClass, the fit is of u*d + v*s + w*nowClass.
package struct EstimateFit: Sendable {
  private var products = [[Double]](repeating: [Double](repeating: 0, count: 3), count: 3)
  private var targets = [Double](repeating: 0, count: 3)

  package init() {}

  /// Adds the values of one sample.
  package mutating func add(lastNull: [Float], lastClass: [Float], nowClass: [Float], null: [Float]) {
    for i in nowClass.indices {
      let now = Double(nowClass[i]), last = Double(lastClass[i])
      let basis = (Double(lastNull[i]) - last, last - now, now)
      let target = Double(null[i]) - now
      products[0][0] += basis.0 * basis.0
      products[0][1] += basis.0 * basis.1
      products[0][2] += basis.0 * basis.2
      products[1][1] += basis.1 * basis.1
      products[1][2] += basis.1 * basis.2
      products[2][2] += basis.2 * basis.2
      targets[0] += basis.0 * target
      targets[1] += basis.1 * target
      targets[2] += basis.2 * target
    }
  }

  /// Adds what was summed elsewhere.
  package mutating func add(_ other: EstimateFit) {
    for i in 0..<3 {
      targets[i] += other.targets[i]
      for j in 0..<3 { products[i][j] += other.products[i][j] }
    }
  }

  /// The best factors; nil if the sums do not determine any that a file may hold.
  package func row() -> GuidanceRow? {
    guard let (u, v, w) = solved() else { return nil }
    let factors = [u, v - u, 1 - v + w].map { abs($0) < Double(FormatLimits.smallestFloat) ? 0 : Float($0) }
    guard factors.allSatisfy({ abs($0) <= FormatLimits.largestEstimateFactor }) else { return nil }
    return .estimated(lastNull: factors[0], lastClass: factors[1], nowClass: factors[2])
  }

  /// Cholesky's method. Where a difference vanishes (both branches were the same), a trace of damping keeps its factor at zero.
  private func solved() -> (Double, Double, Double)? {
    var a = products
    let power = products[2][2]
    guard power > 0 else { return nil }
    for i in 0..<3 { a[i][i] += 1e-9 * power }
    let l00 = a[0][0].squareRoot()
    let l10 = a[0][1] / l00, l20 = a[0][2] / l00
    let l11 = max(a[1][1] - l10 * l10, 0).squareRoot()
    guard l11 > 0 else { return nil }
    let l21 = (a[1][2] - l20 * l10) / l11
    let l22 = max(a[2][2] - l20 * l20 - l21 * l21, 0).squareRoot()
    guard l22 > 0 else { return nil }
    let y0 = targets[0] / l00
    let y1 = (targets[1] - l10 * y0) / l11
    let y2 = (targets[2] - l20 * y0 - l21 * y1) / l22
    let w = y2 / l22
    let v = (y1 - l21 * w) / l11
    let u = (y0 - l10 * v - l20 * w) / l00
    return (u, v, w)
  }
}
