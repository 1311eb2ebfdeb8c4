import DriftQuantization
import Foundation

/// What a conversion says about its choice of step groups for events.
enum EventGroupText {
  /// One line for each trial.
  static func lines(_ report: EventGroupReport) -> [String] {
    report.trials.map { trial in
      String(
        format: "%2d step groups: noise prediction %.1f dB, %.2f M synaptic operations a step%@", trial.groups, trial.sqnr,
        trial.synapticOperationsPerStep / 1e6, trial.groups == report.chosen ? " (taken)" : "")
    }
  }
}
