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

/// `--step-cache`.
enum StepCacheOption: ExpressibleByArgument, Equatable {
  case none
  case interval(Int)
  case automatic

  init?(argument: String) {
    switch argument {
    case "none": self = .none
    case "auto": self = .automatic
    default:
      guard let interval = Int(argument) else { return nil }
      self = .interval(interval)
    }
  }

  var defaultValueDescription: String { "none" }

  /// The converter's word for it.
  func choice(quality: Double?) -> StepCacheChoice {
    switch self {
    case .none: .none
    case .interval(let interval): .interval(interval)
    case .automatic: .automatic(bound: quality ?? StepCacheChoice.standardBound)
    }
  }
}
