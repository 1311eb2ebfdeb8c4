import ArgumentParser
import DriftEvaluation
import DriftFormat

/// Checks of `--class` and `--guidance` that several commands make.
enum ClassOption {
  /// Before the model is known.
  static func validate(_ label: Int?) throws {
    if let label, label < 0 { throw ValidationError("--class \(label): labels start at 0") }
  }

  /// Before the model is known.
  static func validate(guidance: Float) throws {
    let limits = FormatLimits.guidance
    guard limits.contains(guidance) else {
      throw ValidationError("--guidance \(guidance): must be between \(Int(limits.lowerBound)) and \(Int(limits.upperBound))")
    }
  }

  /// Against the model.
  static func check(_ label: Int?, of source: any PictureSource, _ path: String) throws(CommandError) {
    try check(label, classCount: source.classCount, nullClass: source.nullClass, path)
  }

  /// Against the classes of a model.
  static func check(_ label: Int?, classCount: Int, nullClass: Int?, _ path: String) throws(CommandError) {
    if let label {
      guard classCount > 0 else { throw CommandError("--class \(label): \(path) is unconditional; leave the option out") }
      guard label < classCount else { throw CommandError("--class \(label): \(path) knows the labels 0 to \(classCount - 1)") }
    } else if classCount > 0, nullClass == nil {
      throw CommandError("\(path) is conditional and has no label for \"no class\"; give --class 0 to \(classCount - 1)")
    }
  }

  /// Guidance needs something to be guided away from.
  static func check(guidance: Float, of source: any PictureSource, _ path: String) throws(CommandError) {
    guard guidance == 1 || (source.classCount > 0 && source.nullClass != nil) else {
      throw CommandError(
        "--guidance \(guidance): \(path) has no label for \"no class\", which guidance needs; leave the option out")
    }
  }
}
