/// A node that an integer program cannot hold.
public struct LoweringError: Error, Sendable, CustomStringConvertible {
  package var node: String
  package var problem: String

  package init(node: String, problem: String) {
    self.node = node
    self.problem = problem
  }

  /// One sentence for people.
  public var description: String { "\(node) cannot be converted to int8: it \(problem)" }
}
