/// An ONNX graph with fixed shapes, in which everything that no input changes has been computed.
///
/// Exporters leave arithmetic on shapes in the graph (Shape, Gather, Concat, Range, Where, ConstantOfShape ...): with the shapes of the
/// inputs known, all of it is constant.
public struct FoldedGraph: Sendable {
  /// The model.
  public let model: ONNXModel
  /// Nodes that depend on an input, in topological order.
  public let nodes: [ONNXNode]
  /// What is known of each tensor: shapes of all, values of constants.
  public let tensors: [String: TensorInfo]
  /// For each tensor that depends on inputs, their names.
  public let dependencies: [String: Set<String>]
  /// By name of the result, why a node's results are not known; of nodes that read them, only those with unknown operators.
  public let problems: [String: Problem]

  /// Why a node's results are not known.
  public enum Problem: Sendable, Equatable {
    /// The operator as such is not known.
    case unknownOperator
    /// What is wrong, without the node's name.
    case invalid(String)
  }

  /// Infers shapes and folds constants.
  /// - Parameter shapes: dimensions of inputs by name, where they are to replace the model's own.
  /// - Throws: `ONNXError` if an input's shape is open or constants cannot be read. Nodes that cannot be are in `problems`.
  public init(_ model: ONNXModel, shapes: [String: [Int]] = [:]) throws(ONNXError) {
    var folder = Folder(model)
    try folder.declareInputs(shapes)
    for node in model.nodes { try folder.fold(node) }
    self.model = model
    nodes = folder.nodes
    tensors = folder.tensors
    dependencies = folder.dependencies
    problems = folder.problems
  }
}

/// Folding under way.
private struct Folder {
  let model: ONNXModel
  var nodes: [ONNXNode] = []
  var tensors: [String: TensorInfo] = [:]
  var dependencies: [String: Set<String>] = [:]
  var problems: [String: FoldedGraph.Problem] = [:]
  /// Results of nodes with problems, and of what reads them.
  private var lost: Set<String> = []

  /// Constants above this many values stay operators' results only if they are no larger than what they are made of.
  private static let largestGrowth = 1 << 24

  /// Bytes that operators have made.
  private var made = 0
  /// Most of them: half-precision weights as float32 in another order twice, and what a network may need beside.
  private let budget: Int

  /// Inputs besides initializers; real networks have a handful.
  private static let mostInputs = 64

  init(_ model: ONNXModel) {
    self.model = model
    budget = (1 << 28) + 4 * model.fileBytes
    for (name, initializer) in model.initializers {
      var info = TensorInfo(initializer.type, initializer.shape)
      info.constant = .initializer(initializer)
      tensors[name] = info
    }
  }

  mutating func declareInputs(_ shapes: [String: [Int]]) throws(ONNXError) {
    if let wrong = shapes.keys.first(where: { name in !model.inputs.contains { $0.name == name } }) {
      throw ONNXError(
        model.path,
        "has no input '\(wrong)', for which a shape was given; it has \(model.inputs.map(\.name).joined(separator: ", "))")
    }
    guard model.inputs.count <= Self.mostInputs else {
      throw ONNXError(model.path, "has \(model.inputs.count) inputs, expected a denoiser's, at most \(Self.mostInputs)")
    }
    for input in model.inputs {
      guard let type = input.type else {
        throw ONNXError(model.path, "the input '\(input.name)' has a number format that cannot be read")
      }
      let shape: [Int]
      if let given = shapes[input.name] {
        if let dimensions = input.dimensions, dimensions.count != given.count {
          throw ONNXError(
            model.path, "the input '\(input.name)' has \(dimensions.count) dimensions, the given shape \(given.count)")
        }
        shape = given
      } else {
        shape = try Self.fixed(input, model.path)
      }
      guard Layout.count(shape) != nil, !shape.contains(0) else {
        throw ONNXError(model.path, "the input '\(input.name)' has the shape \(shape)")
      }
      tensors[input.name] = TensorInfo(type, shape)
      dependencies[input.name] = [input.name]
    }
  }

  /// Dimensions of an input: a symbolic first one is a batch, of one.
  private static func fixed(_ input: ONNXModel.Port, _ path: String) throws(ONNXError) -> [Int] {
    guard let dimensions = input.dimensions else {
      throw ONNXError(path, "the input '\(input.name)' has no shape; give --shape \(input.name)=1x3x32x32 with the real numbers")
    }
    var shape: [Int] = []
    for (index, dimension) in dimensions.enumerated() {
      switch dimension {
      case .fixed(let length): shape.append(length)
      case .symbolic where index == 0: shape.append(1)
      case .symbolic(let name):
        let example = dimensions.map { if case .fixed(let length) = $0 { "\(length)" } else { "N" } }.joined(separator: "x")
        throw ONNXError(
          path,
          "dimension \(index)\(name.isEmpty ? "" : " ('\(name)')") of the input '\(input.name)' is open; give --shape \(input.name)=\(example) with numbers for N"
        )
      }
    }
    return shape
  }

  mutating func fold(_ node: ONNXNode) throws(ONNXError) {
    // Nothing can read it.
    guard node.outputs.contains(where: { !$0.isEmpty }) else { return }
    guard !node.inputs.contains(where: lost.contains) else {
      // Without inputs every known operator has another problem.
      do { _ = try ShapeRules(node: node, opset: model.opset, inputs: []).infer() } catch let error as OperatorError
        where error.isUnknown
      {
        for output in node.outputs where !output.isEmpty { problems[output] = .unknownOperator }
      } catch {}
      return lose(node)
    }
    let infos = node.inputs.map { $0.isEmpty ? nil : tensors[$0] }
    do {
      let sources = node.inputs.reduce(into: Set<String>()) { $0.formUnion(dependencies[$1] ?? []) }
      if sources.isEmpty || Self.isShapeOnly(node) {
        guard made <= budget else { throw OperatorError("comes after constants of \(made) bytes, of at most \(budget)") }
        let values = try evaluate(node, infos)
        made += values.reduce(0) { $0 + $1.bytes }
        guard made <= budget else { throw OperatorError("brings the constants to \(made) bytes, of at most \(budget)") }
        for (name, value) in zip(node.outputs, values) where !name.isEmpty { tensors[name] = TensorInfo(value) }
        return
      }
      let results = try ShapeRules(node: node, opset: model.opset, inputs: infos).infer()
      for (name, info) in zip(node.outputs, results) where !name.isEmpty {
        guard Layout.count(info.shape) != nil else { throw OperatorError("makes the shape \(info.shape)") }
        tensors[name] = info
        dependencies[name] = sources
      }
      nodes.append(node)
    } catch let error as OperatorError {
      for output in node.outputs where !output.isEmpty {
        problems[output] = error.isUnknown ? .unknownOperator : .invalid(error.problem)
      }
      lose(node)
    } catch let error as ONNXError {
      throw error
    } catch {
      throw ONNXError(model.path, "node '\(node.name)' (\(node.op)): \(error)")
    }
  }

  /// Keeps a node whose results are not known.
  private mutating func lose(_ node: ONNXNode) {
    nodes.append(node)
    lost.formUnion(node.outputs.filter { !$0.isEmpty })
  }

  /// Operators that make values out of nothing, whose shapes are values themselves; they bound what they make.
  private static let sources: Set = ["Constant", "ConstantOfShape", "Range", "NonZero"]

  /// Operators whose result follows from the shape of what they read.
  private static func isShapeOnly(_ node: ONNXNode) -> Bool { node.op == "Shape" || node.op == "Size" }

  private func evaluate(_ node: ONNXNode, _ infos: [TensorInfo?]) throws -> [TensorValue] {
    var inputs: [TensorValue?] = []
    for info in infos {
      guard let info else {
        inputs.append(nil)
        continue
      }
      // Of a tensor that depends on inputs only the shape is asked for.
      inputs.append(info.constant?.value() ?? TensorValue(type: info.type, shape: info.shape, storage: .integers([])))
    }
    if node.op == "Size", let shape = infos.first??.shape { return [TensorValue([], integers: [Layout.count(shape) ?? 0])] }
    let evaluation = Evaluation(node, opset: model.opset, inputs: inputs)
    if !Self.sources.contains(node.op) {
      var made = 0
      for result in try evaluation.rules.infer() {
        guard let count = Layout.count(result.shape) else { throw OperatorError("makes the shape \(result.shape)") }
        made += count
      }
      let read = inputs.reduce(0) { $0 + ($1?.count ?? 0) }
      guard made <= max(read, Self.largestGrowth) else { throw OperatorError("makes a constant of \(made) values") }
    }
    return try evaluation.run()
  }
}
