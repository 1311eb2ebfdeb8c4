/// A noise schedule or a walk through it that cannot be: what is wrong and what to do.
public struct ScheduleError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What is wrong, and what to do.
  public var problem: String

  /// An error with one sentence for people.
  public init(_ problem: String) { self.problem = problem }

  /// The sentence.
  public var description: String { problem }
}
