import DriftQuantization
import Foundation

/// What a conversion says about its choice of ranges for few levels.
enum ClippingText {
  /// One line for each trial.
  static func lines(_ report: ClippingReport) -> [String] {
    report.trials.map { trial in
      String(
        format: "clipping weighs as %.4g times rounding: same-noise PSNR %@ (median of %d)%@", trial.weight,
        ComparisonText.decibels(trial.psnrDb), report.pictures, trial.weight == report.chosen ? " (taken)" : "")
    }
  }
}
