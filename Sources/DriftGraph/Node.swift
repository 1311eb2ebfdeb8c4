/// Index of a node in its graph; also names the node's result.
public struct NodeID: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// Position in `Graph.nodes`.
  public var index: Int

  /// The node at a position.
  public init(_ index: Int) { self.index = index }

  /// Order of the graph.
  public static func < (a: NodeID, b: NodeID) -> Bool { a.index < b.index }

  /// As in `%12`.
  public var description: String { "%\(index)" }
}

/// One operation of a graph and the shape of its result.
public struct Node: Sendable {
  /// Path of the module in the checkpoint, such as `down_blocks.0.resnets.1.conv1`; unique in the graph.
  public var name: String
  /// What it computes.
  public var operation: Operation
  /// Whose results it reads, in the order that the operation says.
  public var inputs: [NodeID]
  /// Shape of its result.
  public var shape: Shape
}
