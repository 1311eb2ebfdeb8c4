import Foundation

/// Where full steps go: step `steps * (i / full) ^ exponent` for the i-th of them.
struct StepCachePlacement {
  /// 1: evenly; below, denser towards the clean end; above, denser towards the noisy one.
  var exponent: Double

  static let even = StepCachePlacement(exponent: 1)
  static let leaning = [0.8, 0.9, 1.1, 1.25].map { StepCachePlacement(exponent: $0) }

  /// nil if there is no such number of full steps, or if two fall on one step.
  func cache(_ cut: StepCacheCut, steps: Int, full: Int) -> StepCache? {
    guard (1...steps).contains(full) else { return nil }
    var isFull = [Bool](repeating: false, count: steps)
    for index in 0..<full {
      isFull[min(Int(Double(steps) * pow(Double(index) / Double(full), exponent)), steps - 1)] = true
    }
    return isFull.filter(\.self).count == full ? StepCache(cut: cut, isFull: isFull) : nil
  }
}
