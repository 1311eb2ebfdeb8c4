import DriftONNX

/// A folded ONNX graph as the translator asks for it.
struct TranslationSource {
  /// An input besides timestep and class.
  struct Input {
    var name: String
    var shape: [Int]
  }

  /// Which inputs mean what.
  struct Roles {
    var sample: String
    var timestep: String?
    var classLabel: String?

    /// Inputs whose values are known for every step.
    var known: Set<String> { Set([timestep, classLabel].compactMap { $0 }) }
  }

  let path: String
  let opset: Int
  /// Inputs that become inputs of the graph, the sample first.
  let openInputs: [Input]
  /// Values of the timestep and class.
  let steps: StepEvaluator
  private let folded: FoldedGraph
  private let nodes: [TranslationNode]
  private let known: Set<String>

  init(_ folded: FoldedGraph, roles: Roles) {
    self.folded = folded
    path = folded.model.path
    opset = folded.model.opset
    known = roles.known
    steps = StepEvaluator(folded, roles)
    let names = [roles.sample] + folded.model.inputs.map(\.name).filter { $0 != roles.sample && !roles.known.contains($0) }
    openInputs = names.map { Input(name: $0, shape: folded.tensors[$0]?.shape ?? []) }
    let plain = folded.nodes.map(TranslationNode.init)
    nodes =
      Recognition(
        plain, scalar: { Self.scalar(folded, $0) }, integers: { Self.integers(folded, $0) },
        shape: { folded.tensors[$0]?.shape }
      ).recognized()
  }

  /// Shape of a tensor.
  func shape(of name: String) -> [Int]? { folded.tensors[name]?.shape }

  /// Whether a tensor depends on the timestep and the class, and on nothing else.
  func isStepOnly(_ name: String) -> Bool {
    guard let sources = folded.dependencies[name] else { return false }
    return sources.isSubset(of: known)
  }

  /// Why a node's results are not known; nil if they are.
  func problem(of node: TranslationNode) -> String? {
    switch folded.problems[node.outputs.first ?? ""] {
    case .unknownOperator?: Hints.unsupported(node.op)
    case .invalid(let problem)?: problem
    case nil: nil
    }
  }

  /// The values of a constant; nil if the tensor is none.
  func constant(_ name: String) -> ConstantTensor? {
    guard let value = folded.tensors[name]?.constant?.value() else { return nil }
    return ConstantTensor(shape: value.shape, values: value.floats)
  }

  /// Nodes that an output needs, in topological order, recognized patterns in the place of what they consist of.
  func neededNodes(for output: String) -> [TranslationNode] {
    var needed: Set<String> = [output]
    var result: [TranslationNode] = []
    for node in nodes.reversed() where node.outputs.contains(where: needed.contains) {
      needed.formUnion(node.inputs.filter { !$0.isEmpty })
      result.append(node)
    }
    return result.reversed()
  }

  /// Activations and normalizations that were recognized among what an output needs, by name.
  func patterns(for output: String) -> [ImportedModel.Pattern] {
    var counts: [String: Int] = [:]
    for name in neededNodes(for: output).compactMap(\.patternName) { counts[name, default: 0] += 1 }
    return counts.sorted { $0.key < $1.key }.map { ImportedModel.Pattern(name: $0.key, count: $0.value) }
  }

  /// Constants above this size are never single values repeated.
  private static let largestScalar = 1 << 16

  private static func scalar(_ folded: FoldedGraph, _ name: String) -> Float? {
    guard let info = folded.tensors[name], let constant = info.constant, info.shape.reduce(1, *) <= largestScalar else {
      return nil
    }
    return ConstantTensor(shape: info.shape, values: constant.value().floats).uniform
  }

  private static func integers(_ folded: FoldedGraph, _ name: String) -> [Int]? {
    guard let info = folded.tensors[name], info.shape.count <= 1, let value = info.constant?.value() else { return nil }
    return value.integers
  }
}

extension TranslationNode {
  init(_ node: ONNXNode) {
    name = node.name
    op = node.op
    inputs = node.inputs
    outputs = node.outputs
    attributes = node.attributes.mapValues { attribute in
      switch attribute {
      case .integer(let value): .integer(value)
      case .float(let value): .float(value)
      case .string(let value): .string(value)
      case .integers(let values): .integers(values)
      case .floats(let values): .floats(values)
      case .tensor, .strings, .graph: .other
      }
    }
  }
}
