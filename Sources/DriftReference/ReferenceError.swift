/// A request that the float reference cannot serve: what is wrong and what was expected.
public struct ReferenceError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What is wrong.
  public var problem: String

  /// An error with one sentence for people.
  public init(_ problem: String) { self.problem = problem }

  /// The sentence.
  public var description: String { problem }
}
