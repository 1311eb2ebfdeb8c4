/// A noise schedule or a walk through it that cannot be: what is wrong and what to do.
public struct ScheduleError: Error, Sendable, Equatable, CustomStringConvertible {
  public var problem: String

  public init(_ problem: String) { self.problem = problem }

  public var description: String { problem }
}
