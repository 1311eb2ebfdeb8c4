import DriftFormat

/// A `.drift` file that cannot be opened or a request that it cannot serve, with the file's name.
public struct ModelFileError: Error, Sendable, CustomStringConvertible {
  /// The file.
  public var path: String
  /// What is wrong and what to do.
  public var problem: String

  /// - Parameter problem: what is wrong and what to do.
  public init(_ path: String, _ problem: String) {
    self.path = path
    self.problem = problem
  }

  /// Adds the numbers of a refusal to its sentence: code, where, what was expected and found.
  public init(_ path: String, _ error: DriftError) {
    self.init(path, Self.describe(error))
  }

  /// The file, then the problem.
  public var description: String { "\(path): \(problem)" }

  /// The rule in words, then its code, the byte offset (for errors in the file) and the two numbers that disagree.
  public static func describe(_ error: DriftError) -> String {
    var details = ["error \(error.code.rawValue)"]
    if error.code.rawValue < 900 { details.append("at byte \(error.offset)") }
    if error.expected != error.found {
      details.append("expected \(Self.number(error.expected)), found \(Self.number(error.found))")
    }
    return "\(error.code.message) (\(details.joined(separator: ", ")))"
  }

  /// Signed values arrive sign-extended.
  private static func number(_ value: UInt64) -> String {
    value > UInt64(Int64.max) ? String(Int64(bitPattern: value)) : String(value)
  }
}
