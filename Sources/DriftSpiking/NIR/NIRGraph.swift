/// A graph of NIR: what several edges bring to a node is added.
public struct NIRGraph: Sendable {
  /// An edge from a node to another.
  public struct Edge: Hashable, Sendable {
    /// Name of the node whose result is read.
    public var source: String
    /// Name of the node that reads it.
    public var target: String
  }

  /// In topological order: the input first, the output last.
  public internal(set) var nodes: [NIRNode] = []
  /// No pair occurs twice.
  public internal(set) var edges: [Edge] = []
}
