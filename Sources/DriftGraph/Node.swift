/// Index of a node in its graph; also names the node's result.
public struct NodeID: Hashable, Sendable, Comparable, CustomStringConvertible {
  public var index: Int

  public init(_ index: Int) { self.index = index }

  public static func < (a: NodeID, b: NodeID) -> Bool { a.index < b.index }

  public var description: String { "%\(index)" }
}

/// One operation of a graph and the shape of its result.
public struct Node: Sendable {
  /// Path of the module in the checkpoint, such as `down_blocks.0.resnets.1.conv1`; unique in the graph.
  public var name: String
  public var operation: Operation
  public var inputs: [NodeID]
  public var shape: Shape
}
