import DriftEvaluation
import DriftQuantization
import Foundation

/// A step cache for people.
enum StepCacheText {
  /// What is kept, what it saves, and how it was chosen.
  static func line(_ cache: StepCacheReport, steps: Int) -> String {
    let share = String(format: "%.0f %%", 100 * cache.multiplyAddsPerStep / Double(max(cache.fullMultiplyAdds, 1)))
    return "step cache: \(cache.cut) (\(shape(cache))) is kept, \(cache.fullSteps.count) of \(steps) steps are full, "
      + "\(millions(cache.multiplyAddsPerStep)) multiply-adds a step (\(share))" + choice(cache)
  }

  /// Headings and rows of what `auto` has tried.
  static let headings = ["kept", "full steps", "placement", "M multiply-adds a step", "median PSNR, dB"]

  static func rows(_ cache: StepCacheReport) -> [[String]] {
    cache.trials.map {
      [
        $0.cut, "\($0.fullSteps)", $0.placement == 1 ? "even" : String(format: "exponent %g", $0.placement),
        String(format: "%.1f", $0.multiplyAddsPerStep / 1e6), String(format: "%.1f", $0.psnrDb),
      ]
    }
  }

  /// For the report.
  static func facts(_ cache: StepCacheReport) -> [(name: String, value: String)] {
    [
      ("kept", "\(cache.cut), \(shape(cache))"),
      ("full steps", cache.fullSteps.map(String.init).joined(separator: " ")),
      ("work of a full step", "\(millions(Double(cache.fullMultiplyAdds))) int8 multiply-adds"),
      ("of another", "\(millions(Double(cache.shallowMultiplyAdds))) int8 multiply-adds"),
      ("mean", "\(millions(cache.multiplyAddsPerStep)) int8 multiply-adds"),
    ] + (cache.boundDb.map { [("asked for", "median PSNR \(ComparisonText.decibels($0)) on calibration seeds")] } ?? [])
  }

  private static func choice(_ cache: StepCacheReport) -> String {
    guard let bound = cache.boundDb else { return "" }
    return "; the least work of \(cache.trials.count) candidates with a median PSNR of \(ComparisonText.decibels(bound)) on "
      + "calibration seeds"
  }

  private static func shape(_ cache: StepCacheReport) -> String { cache.shape.map(String.init).joined(separator: "x") }

  private static func millions(_ value: Double) -> String { String(format: "%.1f M", value / 1e6) }
}
