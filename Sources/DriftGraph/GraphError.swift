/// A node that cannot be: what is wrong with it and where.
public struct GraphError: Error, Sendable, CustomStringConvertible {
  /// Name of the node.
  public var node: String
  /// What does not fit.
  public var problem: String

  /// An error about a node.
  public init(node: String, problem: String) {
    self.node = node
    self.problem = problem
  }

  /// One sentence for people: the node, then the problem.
  public var description: String { "\(node): \(problem)" }
}
