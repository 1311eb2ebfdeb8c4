/// A denoiser as imported: nodes in topological order, each with one result, and the trained parameters that they name.
public struct Graph: Sendable {
  /// In topological order.
  public private(set) var nodes: [Node] = []
  /// Trained tensors by the names that operations use.
  public var parameters: [String: Parameter]
  /// The node whose result is the denoiser's answer; set when the graph is complete.
  public var output: NodeID
  /// Values of the timestep and class by the names that `Operation.stepFunction` uses.
  public var stepFunctions: [String: StepFunction]
  /// Number of class labels that the graph takes, 0 if it takes none.
  public var classCount: Int

  /// A graph without nodes.
  public init(parameters: [String: Parameter] = [:], stepFunctions: [String: StepFunction] = [:], classCount: Int = 0) {
    self.parameters = parameters
    self.stepFunctions = stepFunctions
    self.classCount = classCount
    self.output = NodeID(0)
  }

  /// The node of an identifier.
  public subscript(id: NodeID) -> Node { nodes[id.index] }

  /// All nodes, in order.
  public var ids: [NodeID] { nodes.indices.map(NodeID.init) }

  /// Shape of the sample that the denoiser takes.
  public var sampleShape: Shape? { nodes.first { $0.operation == .sample }?.shape }

  /// Shape of the answer; nil while there are no nodes.
  public var outputShape: Shape? { nodes.isEmpty ? nil : self[output].shape }

  /// Appends a node and derives its shape.
  /// - Throws: `GraphError` if inputs, parameters and operation do not fit together.
  @discardableResult
  public mutating func append(_ operation: Operation, _ inputs: [NodeID] = [], name: String, shape: Shape? = nil) throws(GraphError)
    -> NodeID
  {
    let result: Shape
    switch (operation, shape) {
    case (.sample, let given?), (.input, let given?), (.stepFunction, let given?):
      guard given.channels > 0, given.height > 0, given.width > 0 else {
        throw GraphError(node: name, problem: "has the shape \(given)")
      }
      result = given
    case (.sample, nil), (.input, nil), (.stepFunction, nil):
      throw GraphError(node: name, problem: "the input's shape is not given")
    default: result = try inferShape(of: operation, inputs.map { self[$0].shape }, name: name)
    }
    nodes.append(Node(name: name, operation: operation, inputs: inputs, shape: result))
    output = NodeID(nodes.count - 1)
    return output
  }
}
