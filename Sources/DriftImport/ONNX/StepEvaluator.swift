import DriftONNX
import Synchronization

/// Values of an ONNX graph that depend on the timestep and class alone, computed together and kept for a few steps. Safe for several threads.
final class StepEvaluator: Sendable {
  private struct Key: Hashable {
    var timestep: Float
    var classLabel: Int?
  }

  private struct State {
    /// Names that were asked for: what an evaluation computes.
    var names: Set<String> = []
    var results: [Key: [String: [Float]]] = [:]
    var order: [Key] = []
    /// Weights of the nodes, read once.
    var constants: [String: TensorValue]?
  }

  private let folded: FoldedGraph
  private let roles: TranslationSource.Roles
  private let state = Mutex(State())

  /// Steps of which results are kept.
  private static let kept = 64

  init(_ folded: FoldedGraph, _ roles: TranslationSource.Roles) {
    self.folded = folded
    self.roles = roles
  }

  /// Says that a tensor will be asked for, so that the first evaluation computes it with the others.
  func expect(_ name: String) {
    state.withLock { _ = $0.names.insert(name) }
  }

  /// The values of a tensor at a step; nil if they cannot be computed.
  func values(_ name: String, timestep: Float, classLabel: Int?) -> [Float]? {
    let key = Key(timestep: timestep, classLabel: classLabel)
    let (known, names, constants) = state.withLock { state in
      state.names.insert(name)
      if state.constants == nil { state.constants = weights() }
      return (state.results[key]?[name], state.names, state.constants ?? [:])
    }
    if let known { return known }
    var inputs = constants
    if let input = roles.timestep { inputs[input] = fed(input, timestep) }
    if let input = roles.classLabel { inputs[input] = fed(input, Float(classLabel ?? 0)) }
    guard let results = try? folded.evaluate(names, inputs: inputs) else { return nil }
    let floats = results.mapValues(\.floats)
    state.withLock { state in
      if state.results.updateValue(floats, forKey: key) == nil { state.order.append(key) }
      if state.order.count > Self.kept { state.results[state.order.removeFirst()] = nil }
    }
    return floats[name]
  }

  /// A number as the model takes it: repeated over the batch, which is one, and rounded if the input takes integers.
  private func fed(_ name: String, _ value: Float) -> TensorValue? {
    guard let info = folded.tensors[name] else { return nil }
    let count = info.shape.reduce(1, *)
    if info.type.isFloat { return TensorValue(info.shape, floats: [Float](repeating: value, count: count)) }
    guard let integer = Int(exactly: value.rounded()) else { return nil }
    return TensorValue(info.shape, integers: [Int](repeating: integer, count: count), type: info.type)
  }

  private func weights() -> [String: TensorValue] {
    var result: [String: TensorValue] = [:]
    for node in folded.nodes where node.outputs.allSatisfy({ folded.dependencies[$0]?.isSubset(of: roles.known) ?? false }) {
      for input in node.inputs where result[input] == nil {
        if let constant = folded.tensors[input]?.constant { result[input] = constant.value() }
      }
    }
    return result
  }
}
