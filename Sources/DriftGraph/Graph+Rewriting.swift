extension Graph {
  /// The same graph with every node appended by `append`, which may put others in its place.
  /// - Parameter append: takes the node of this graph, its inputs in the new graph and the new graph; returns the node whose result replaces the old one's.
  public func rewritten(
    _ append: (_ node: NodeID, _ inputs: [NodeID], _ graph: inout Graph) throws(GraphError) -> NodeID
  ) throws(GraphError) -> Graph {
    var result = Graph(parameters: parameters, stepFunctions: stepFunctions, classCount: classCount)
    var renamed: [NodeID] = []
    for id in ids { renamed.append(try append(id, self[id].inputs.map { renamed[$0.index] }, &result)) }
    result.output = renamed[output.index]
    return result
  }

  /// Appends a copy of another graph's node.
  public mutating func append(copyOf node: Node, _ inputs: [NodeID]) throws(GraphError) -> NodeID {
    try append(node.operation, inputs, name: node.name, shape: node.shape)
  }
}
