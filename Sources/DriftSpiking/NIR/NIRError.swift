/// Why a graph cannot be written as NIR.
public enum NIRError: Error, Equatable, CustomStringConvertible {
  /// A node that NIR has no counterpart of.
  public struct Refusal: Equatable, Sendable {
    /// Name in the checkpoint.
    public var node: String
    /// What it does that NIR cannot express.
    public var reason: String

    /// A node and the reason.
    public init(node: String, reason: String) {
      self.node = node
      self.reason = reason
    }
  }

  /// All nodes that NIR cannot express, in the order of the graph.
  case inexpressible([Refusal])
  /// The answer does not depend on the sample, so there is nothing to write.
  case constantAnswer(String)
  /// A node's parameters are missing or of another shape than its operation says.
  case parameters(node: String, problem: String)
  /// The HDF5 library failed.
  case library(operation: String)

  /// One sentence for people.
  public var description: String {
    switch self {
    case .inexpressible(let refusals):
      "NIR cannot express \(refusals.count) of its nodes: "
        + refusals.map { "'\($0.node)' (\($0.reason))" }.joined(separator: ", ")
        + "; export takes networks of convolutions, ReLU, sums, scales and 2x2 average pooling"
    case .constantAnswer(let node): "the answer '\(node)' does not depend on the sample, so NIR has nothing to run"
    case .parameters(let node, let problem): "'\(node)' \(problem)"
    case .library(let operation): "the HDF5 library failed to \(operation); is there enough memory?"
    }
  }
}
