/// A node that cannot be: what is wrong with it and where.
public struct GraphError: Error, Sendable, CustomStringConvertible {
  public var node: String
  public var problem: String

  public init(node: String, problem: String) {
    self.node = node
    self.problem = problem
  }

  public var description: String { "\(node): \(problem)" }
}
