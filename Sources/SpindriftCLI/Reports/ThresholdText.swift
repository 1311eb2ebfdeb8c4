import DriftEvaluation
import DriftQuantization
import Foundation

/// What a search of thresholds gained, for people.
enum ThresholdText {
  static func line(_ report: ThresholdReport) -> String {
    let gain = String(format: "%+.2f dB", report.otherAfter - report.otherBefore)
    let result = report.isKept ? "kept" : "not kept, scales stay as they were"
    return "threshold guidance: \(report.changed) of \(report.scales) scales changed, all times \(report.globalFactor); "
      + "noise prediction on the search's noise \(ComparisonText.decibels(report.searchBefore)) to "
      + "\(ComparisonText.decibels(report.searchAfter)), on other noise \(ComparisonText.decibels(report.otherBefore)) to "
      + "\(ComparisonText.decibels(report.otherAfter)) (\(gain)): \(result)"
  }
}
