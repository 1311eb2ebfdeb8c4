import DriftGraph

/// Runs a graph in single precision on OpenBLAS. Safe to call from several threads at once; each call uses one thread.
public final class FloatDenoiser: Sendable {
  /// Called with every node's result, in the order of the graph. The values are valid during the call only.
  public typealias Tap = (NodeID, UnsafeBufferPointer<Float>) -> Void

  /// What is run.
  public let graph: Graph

  /// Prepares a graph for evaluation.
  public init(_ graph: Graph) {
    self.graph = graph
  }

  /// One evaluation of the denoiser.
  /// - Parameters:
  ///   - x: the noisy sample, channels first, `graph.sampleShape` values.
  ///   - timestep: what the model was told in training, 0 to trainingSteps - 1.
  ///   - classLabel: needed exactly if the graph has classes.
  public func evaluate(x: [Float], timestep: Float, classLabel: Int? = nil) throws(ReferenceError) -> [Float] {
    try evaluate(x: x, timestep: timestep, classLabel: classLabel) { _, _ in }
  }

  /// One evaluation that reports every node's result.
  public func evaluate(x: [Float], timestep: Float, classLabel: Int? = nil, tap: Tap) throws(ReferenceError) -> [Float] {
    throw ReferenceError("the executor is being written")
  }

  /// Results of all nodes that depend on the timestep and class alone.
  public func evaluateTimePart(timestep: Float, classLabel: Int? = nil) throws(ReferenceError) -> [NodeID: [Float]] {
    throw ReferenceError("the executor is being written")
  }
}
