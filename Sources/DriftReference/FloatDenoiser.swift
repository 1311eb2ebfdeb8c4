import COpenBLAS
import DriftGraph

/// Runs a graph in single precision on OpenBLAS. Safe to call from several threads at once; each call uses one thread.
///
/// Values lie channels first. Sums of normalizations and of softmax are taken in double precision; everything else is what PyTorch
/// computes up to the order of additions.
///
/// A network of spiking neurons is run once for each of its steps, from membranes at 0; what its last step sums up is the answer.
public final class FloatDenoiser: Sendable {
  /// Called with every node's result, in the order of the graph; in a network of spiking neurons at each of its steps. The values are valid
  /// during the call only.
  public typealias Tap = (NodeID, UnsafeBufferPointer<Float>) -> Void

  /// What is run.
  public let graph: Graph

  private let plan: ExecutionPlan
  private let pool: WorkspacePool
  /// Steps of one evaluation; 1 without spiking neurons.
  private let steps: Int
  /// An input that no value was bound to.
  private let openInput: (key: String, value: Shape)?

  /// OpenBLAS's own threads would contend with the callers': parallelism is over samples.
  private static let singleThreadedBLAS: Void = openblas_set_num_threads(1)

  /// Prepares a graph for evaluation. The graph is valid by construction, so this cannot fail.
  public init(_ graph: Graph) {
    _ = Self.singleThreadedBLAS
    self.graph = graph
    steps = graph.spikingSteps ?? 1
    openInput = graph.openInputs.min { $0.key < $1.key }
    plan = ExecutionPlan(graph)
    pool = WorkspacePool(capacities: plan.capacity)
  }

  /// One evaluation of the denoiser.
  /// - Parameters:
  ///   - x: the noisy sample, channels first, `graph.sampleShape` values.
  ///   - timestep: what the model was told in training.
  ///   - classLabel: needed exactly if the graph has classes.
  public func evaluate(x: [Float], timestep: Float, classLabel: Int? = nil) throws(ReferenceError) -> [Float] {
    try evaluate(x: x, timestep: timestep, classLabel: classLabel) { _, _ in }
  }

  /// One evaluation that reports every node's result. All reported values are finite; a model that makes others is refused by the node's name.
  public func evaluate(x: [Float], timestep: Float, classLabel: Int? = nil, tap: Tap) throws(ReferenceError) -> [Float] {
    try check(x, classLabel)
    return try pool.withWorkspace { workspace throws(ReferenceError) in
      for step in 0..<steps {
        for id in graph.ids {
          x.withUnsafeBufferPointer {
            run(id, Inputs(sample: $0, timestep: timestep, classLabel: classLabel, spikingStep: step), workspace)
          }
          let values = result(of: id, workspace)
          try checkFinite(values, id, timestep)
          tap(id, values)
        }
      }
      return Array(result(of: graph.output, workspace))
    }
  }

  /// Results of all nodes that depend on the timestep and class alone.
  /// - Parameter spikingStep: of a network of spiking neurons, some of whose factors are of the step.
  public func evaluateTimePart(
    timestep: Float, classLabel: Int? = nil, spikingStep: Int = 0
  ) throws(ReferenceError) -> [NodeID: [Float]] {
    try check(nil, classLabel)
    return try pool.withWorkspace { workspace throws(ReferenceError) in
      let inputs = Inputs(
        sample: UnsafeBufferPointer(start: nil, count: 0), timestep: timestep, classLabel: classLabel, spikingStep: spikingStep)
      var results: [NodeID: [Float]] = [:]
      for id in plan.timeNodes {
        run(id, inputs, workspace)
        try checkFinite(result(of: id, workspace), id, timestep)
        results[id] = Array(result(of: id, workspace))
      }
      return results
    }
  }

  private func check(_ x: [Float]?, _ classLabel: Int?) throws(ReferenceError) {
    if let open = openInput {
      throw ReferenceError("the model takes an input '\(open.key)' of \(open.value), which was not given")
    }
    if let x, let shape = graph.sampleShape, x.count != shape.count {
      throw ReferenceError("the model takes \(shape) = \(shape.count) values, got \(x.count)")
    }
    switch (graph.classCount, classLabel) {
    case (0, .some(let label)): throw ReferenceError("class \(label) was given, but the model has no classes")
    case (0, .none): break
    case (let count, .none): throw ReferenceError("the model needs a class, 0 to \(count - 1)")
    case (let count, .some(let label)):
      guard (0..<count).contains(label) else { throw ReferenceError("class \(label) is not one of the model's, 0 to \(count - 1)") }
    }
  }

  /// Values that are not finite spread, so whoever reads them would only find the last of many.
  private func checkFinite(_ values: UnsafeBufferPointer<Float>, _ id: NodeID, _ timestep: Float) throws(ReferenceError) {
    guard !values.allFinite else { return }
    throw ReferenceError(
      "'\(graph[id].name)' has values that are not finite at timestep \(timestep): the model is not defined there, or its weights overflow"
    )
  }

  private func result(of id: NodeID, _ workspace: Workspace) -> UnsafeBufferPointer<Float> {
    UnsafeBufferPointer(start: workspace.slot(plan.slot[id.index]), count: graph[id].shape.count)
  }

  private func run(_ id: NodeID, _ inputs: Inputs, _ workspace: Workspace) {
    let node = graph[id]
    var operands: (UnsafePointer<Float>?, UnsafePointer<Float>?, UnsafePointer<Float>?) = (nil, nil, nil)
    if node.inputs.count > 0 { operands.0 = UnsafePointer(workspace.slot(plan.slot[node.inputs[0].index])) }
    if node.inputs.count > 1 { operands.1 = UnsafePointer(workspace.slot(plan.slot[node.inputs[1].index])) }
    if node.inputs.count > 2 { operands.2 = UnsafePointer(workspace.slot(plan.slot[node.inputs[2].index])) }
    let call = KernelCall(
      graph: graph, node: node, inputs: inputs, a: operands.0, b: operands.1, c: operands.2,
      out: workspace.slot(plan.slot[id.index]), workspace: workspace, id: id)
    call.run()
  }
}

/// What an evaluation is asked for.
struct Inputs {
  var sample: UnsafeBufferPointer<Float>
  var timestep: Float
  var classLabel: Int?
  /// Which step of a network of spiking neurons.
  var spikingStep: Int
}
