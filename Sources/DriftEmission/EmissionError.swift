import DriftFormat

/// Why an image could not become a file.
public enum EmissionError: Error, Equatable, CustomStringConvertible {
  /// A field of the image cannot be written: which record, and what is wrong with it.
  case invalid(record: String, reason: String)
  /// The file that came out breaks a rule. The record is named where it is known.
  case refused(DriftError, record: String)
  /// A call to the operating system failed.
  case system(operation: String, path: String, reason: String)

  /// The record or path, what is wrong with it, and what to do.
  public var description: String {
    switch self {
    case .invalid(let record, let reason): "\(record): \(reason)"
    case .refused(let error, let record):
      "\(record): \(error.code.message) (rule \(error.code.rawValue), byte \(error.offset), expected \(error.expected), "
        + "found \(error.found))"
    case .system(let operation, let path, let reason): "\(path): \(operation) failed: \(reason)"
    }
  }
}
