import DriftGraph

/// Turns a folded ONNX graph into a denoiser's graph.
///
/// Tensors that depend on the timestep and class alone are not translated: the converter evaluates them for every step. All others are
/// views of the graph's values, so that Reshape, Transpose and the like cost nothing, and what an operator means follows from which axes
/// of its tensor are channels and which are pixels.
struct Translator {
  /// What a tensor has become.
  enum Value {
    case view(View)
    case logits(Logits)
    /// Depends on a tensor that could not be translated.
    case unknown
  }

  /// A tensor as the operand of an operator.
  enum Operand {
    case view(View)
    case logits(Logits)
    case constant(ConstantTensor)
    /// Depends on the timestep and class alone; its name and shape.
    case step(String, [Int])
  }

  /// Why a node cannot be translated.
  struct Refusal: Error {
    var reason: String
    init(_ reason: String) { self.reason = reason }
  }

  /// Most values that a picture or a parameter for each of its pixels may have.
  static let largestValue = 1 << 27

  let source: TranslationSource
  var graph: Graph
  private var values: [String: Value] = [:]
  private var problems: [String] = []
  private var names: [String: Int] = [:]
  /// Name of the ONNX node that is being translated; its graph nodes are called after it.
  private(set) var current = ""

  init(_ source: TranslationSource, classCount: Int) {
    self.source = source
    graph = Graph(classCount: classCount)
  }

  /// Translates everything that the answer needs.
  /// - Parameters:
  ///   - sample: name of the input that takes x_t.
  ///   - output: name of the answer.
  /// - Throws: one error that lists every node that cannot be translated.
  mutating func translate(sample: String, output: String) throws(ImportError) -> Graph {
    for input in source.openInputs { declare(input, isSample: input.name == sample) }
    for node in source.neededNodes(for: output) where !source.isStepOnly(node.outputs.first ?? "") { translate(node) }
    if problems.isEmpty, let answer = values[output] { finish(answer, sample) }
    guard problems.isEmpty else {
      let count = problems.count == 1 ? "1 node" : "\(problems.count) nodes"
      throw ImportError(source.path, "\(count) cannot be converted:\n  " + problems.joined(separator: "\n  "))
    }
    do { return try graph.pruned() } catch { throw ImportError(source.path, "the model does not fit together at \(error)") }
  }

  // MARK: - Values

  private mutating func declare(_ input: TranslationSource.Input, isSample: Bool) {
    current = input.name
    do {
      let dims = input.shape
      let shape: Shape
      switch dims.count {
      case 4: shape = Shape(channels: dims[1], height: dims[2], width: dims[3])
      // Signals come channels first, context tokens channels last.
      case 3: shape = isSample ? Shape(channels: dims[1], width: dims[2]) : Shape(channels: dims[2], width: dims[1])
      case 2: shape = Shape(channels: dims[1])
      default:
        throw Refusal(
          "has \(dims.count) dimensions; inputs of 2, 3 or 4 can be converted. If it is the timestep or the class, say so in schedule.json: \"onnx\": {\"timestep\": \"\(input.name)\"}"
        )
      }
      guard shape.count <= Self.largestValue else { throw Refusal("has \(dims), more than \(Self.largestValue) values") }
      guard dims[0] == 1 else { throw Refusal("has a batch of \(dims[0]); give --shape \(input.name)=1x...") }
      let node = try append(isSample ? .sample : .input(input.name), [], shape: shape)
      var view = View(node: node, shape: shape, rank: dims.count)
      if dims.count == 3 && !isSample { view.dims = [[], view.columns, view.channels] }
      values[input.name] = .view(view)
    } catch let refusal as Refusal {
      problems.append("input '\(input.name)': \(refusal.reason)")
    } catch {
      problems.append("input '\(input.name)': \(error)")
    }
  }

  private mutating func translate(_ node: TranslationNode) {
    current = node.name
    var isLost = false
    for input in node.inputs { if case .unknown? = values[input] { isLost = true } }
    do {
      if let problem = source.problem(of: node) { throw Refusal(problem) }
      guard !isLost else {
        if Hints.hopeless(node.op) != nil { problems.append("\(describe(node)): \(Hints.unsupported(node.op))") }
        return markUnknown(node)
      }
      let results = try results(of: node)
      for (name, value) in zip(node.outputs, results) where !name.isEmpty { values[name] = try agreed(value, name) }
    } catch let refusal as Refusal {
      problems.append("\(describe(node)): \(refusal.reason)")
      markUnknown(node)
    } catch {
      problems.append("\(describe(node)): \(error)")
      markUnknown(node)
    }
  }

  /// A result whose dimensions are those that ONNX gives it: leading ones of broadcasting are added, longer dimensions are refused.
  private func agreed(_ value: Value, _ name: String) throws -> Value {
    guard case .view(var view) = value, let shape = source.shape(of: name), view.shape != shape else { return value }
    let missing = shape.count - view.dims.count
    guard missing > 0, shape.prefix(missing).allSatisfy({ $0 == 1 }), view.shape == Array(shape.dropFirst(missing)) else {
      throw Refusal(
        "makes \(shape) of \(view.shape) by broadcasting, which is not converted; repeat the values before, as Resize does")
    }
    view.dims = [[Axis]](repeating: [], count: missing) + view.dims
    return .view(view)
  }

  private mutating func markUnknown(_ node: TranslationNode) {
    for output in node.outputs { values[output] = .unknown }
  }

  private func describe(_ node: TranslationNode) -> String {
    let shapes = node.inputs.filter { !$0.isEmpty }.map { name in
      source.shape(of: name).map { "[\($0.map(String.init).joined(separator: ", "))]" } ?? "?"
    }
    return "'\(node.name)' (\(node.op), opset \(source.opset), inputs \(shapes.joined(separator: ", ")))"
  }

  /// The answer in the order of the sample; of a network that also predicts variances, its first half.
  private mutating func finish(_ answer: Value, _ sample: String) {
    current = "output"
    do {
      guard case .view(let view) = answer, let expected = graph.sampleShape else {
        throw Refusal("depends on the timestep and class alone, or not on the sample")
      }
      var result = try natural(view)
      let shape = graph[result.node].shape
      if shape.channels == 2 * expected.channels, shape.pixels == expected.pixels {
        result = try selectingChannels(result, indices: Array(0..<expected.channels))
      }
      guard graph[result.node].shape == expected else {
        throw Refusal("has the shape \(shape), expected the sample's, \(expected)")
      }
      graph.output = result.node
    } catch let refusal as Refusal {
      problems.append("the answer: \(refusal.reason)")
    } catch {
      problems.append("the answer: \(error)")
    }
  }

  /// What a node's input is.
  func operand(_ node: TranslationNode, _ index: Int) throws -> Operand {
    guard index < node.inputs.count, !node.inputs[index].isEmpty else { throw Refusal("has no input \(index)") }
    let name = node.inputs[index]
    switch values[name] {
    case .view(let view): return .view(view)
    case .logits(let logits): return .logits(logits)
    case .unknown: throw Refusal("depends on a node that cannot be converted")
    case nil: break
    }
    if let constant = source.constant(name) { return .constant(constant) }
    guard source.isStepOnly(name), let shape = source.shape(of: name) else { throw Refusal("reads '\(name)', which nothing makes") }
    return .step(name, shape)
  }

  /// An input that must be a value of the graph.
  func view(_ node: TranslationNode, _ index: Int) throws -> View {
    guard case .view(let view) = try operand(node, index) else {
      throw Refusal("takes as input \(index) something other than a value that depends on the sample")
    }
    return view
  }

  /// An input that must be known at conversion.
  func constant(_ node: TranslationNode, _ index: Int) throws -> ConstantTensor {
    guard case .constant(let constant) = try operand(node, index) else {
      throw Refusal("input \(index) depends on the model's inputs, expected a constant")
    }
    return constant
  }

  /// Whether an optional input is there.
  func has(_ node: TranslationNode, _ index: Int) -> Bool { index < node.inputs.count && !node.inputs[index].isEmpty }

  // MARK: - Nodes

  /// Appends a node that is called after the ONNX node at hand.
  mutating func append(_ operation: Operation, _ inputs: [NodeID], shape: Shape? = nil) throws -> NodeID {
    try graph.append(operation, inputs, name: unique(current), shape: shape)
  }

  /// Stores a tensor under a key of its own.
  mutating func parameter(_ suffix: String, _ shape: [Int], _ values: [Float]) -> String {
    let key = unique("\(current).\(suffix)")
    graph.parameters[key] = Parameter(shape: shape, values: values)
    return key
  }

  mutating func unique(_ name: String) -> String {
    let count = names[name, default: 0]
    names[name] = count + 1
    return count == 0 ? name : "\(name)#\(count)"
  }
}
