import ArgumentParser
import DriftCalibration
import DriftQuantization

/// `--step-groups`.
enum StepGroupOption: ExpressibleByArgument, Equatable {
  case automatic
  case count(Int)

  init?(argument: String) {
    if argument == "auto" {
      self = .automatic
    } else if let count = Int(argument), count >= 1 {
      self = .count(count)
    } else {
      return nil
    }
  }

  var defaultValueDescription: String { "auto" }

  /// The converter's word for it.
  var choice: StepGroupChoice {
    switch self {
    case .automatic: .automatic
    case .count(let count): .count(count)
    }
  }
}

/// `--calibration`.
enum CalibrationOption: String, CaseIterable, ExpressibleByArgument {
  case uniform, ndtc

  /// The converter's word for it.
  var weighting: CalibrationWeighting {
    switch self {
    case .uniform: .uniform
    case .ndtc: .ndtc
    }
  }
}
