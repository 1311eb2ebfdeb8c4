import DriftGraph

/// The nodes of a graph, one by one.
public struct GraphListing: Sendable, Encodable {
  /// One node.
  public struct Entry: Sendable, Encodable {
    /// Path of the module in the checkpoint.
    public var name: String
    /// In the field's terms, such as `convolution`.
    public var operation: String
    /// Such as `3x3` and `stride 2`.
    public var options: [String]
    /// Indices of the nodes whose results it reads.
    public var inputs: [Int]
    /// Channels, height and width of its result.
    public var shape: [Int]
    /// Values of its parameters.
    public var parameters: Int
    /// Multiply-accumulates of one evaluation.
    public var multiplyAdds: Int
    /// What it depends on, unless that is the sample: `timestep alone`, `class alone`, `timestep and class alone`, `constant`, `input alone`.
    public var dependence: String?
  }

  /// In the order of the graph.
  public var nodes: [Entry]
  /// Index of the answer.
  public var output: Int
  /// Values of all parameters.
  public var parameters: Int
  /// Multiply-accumulates of what is computed at every step.
  public var multiplyAdds: Int
  /// Multiply-accumulates of what depends on the timestep and the class alone: once for each step and class, at conversion.
  public var preparedMultiplyAdds: Int

  /// Lists a graph.
  public init(_ graph: Graph) {
    let work = graph.multiplyAccumulates(), dependences = graph.dependences()
    nodes = graph.nodes.indices.map { index in
      let node = graph.nodes[index]
      let text = OperationText(node.operation, input: node.inputs.first.map { graph[$0].shape }, in: graph)
      return Entry(
        name: node.name, operation: text.term, options: text.options, inputs: node.inputs.map(\.index),
        shape: [node.shape.channels, node.shape.height, node.shape.width], parameters: graph.parameterCount(of: node),
        multiplyAdds: work[index], dependence: dependences[index].text)
    }
    output = graph.output.index
    parameters = graph.parameterCount
    func sum(_ isCounted: (NodeDependence) -> Bool) -> Int {
      zip(work, dependences).reduce(0) { sum, entry in
        guard isCounted(entry.1) else { return sum }
        let (result, overflows) = sum.addingReportingOverflow(entry.0)
        return overflows ? .max : result
      }
    }
    multiplyAdds = sum { $0 == .sample || $0 == .input }
    preparedMultiplyAdds = sum { $0 != .sample && $0 != .input }
  }
}
