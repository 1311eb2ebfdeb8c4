/// A measurement that cannot be made: what was asked, what was found and what to do.
public struct EvaluationError: Error, Sendable, CustomStringConvertible {
  /// One sentence.
  public var description: String

  /// - Parameter description: one sentence that names the thing and the way out.
  public init(_ description: String) { self.description = description }
}
