import DriftGraph

/// Builds a graph from the tensors of a checkpoint: what all builders of known networks share.
///
/// Tensors that are missing or have another shape are collected, so that one error names them all; from the first of them on, the graph
/// itself is not built any further.
struct GraphBuilder {
  /// A value on its way through the network.
  struct Value {
    var node: NodeID
    var channels: Int
  }

  let source: any TensorSource
  /// What says how the network is made: a `config.json`, or the checkpoint itself.
  let architecture: String
  private(set) var graph: Graph
  private var problems: [String] = []
  private var unused: Set<String>

  /// - Parameters:
  ///   - architecture: the file that says how the network is made; named by errors.
  ///   - classCount: labels that the model takes, 0 if none.
  init(_ source: any TensorSource, architecture: String, classCount: Int = 0) {
    self.source = source
    self.architecture = architecture
    graph = Graph(classCount: classCount)
    unused = Set(source.names)
  }

  /// The finished graph.
  /// - Throws: an error that lists the tensors that are missing, have another shape, or belong to no layer.
  func finished() throws(ImportError) -> Graph {
    let all = problems + unused.sorted().map { "'\($0)' belongs to no layer of this model" }
    guard !all.isEmpty else { return graph }
    let listed = all.prefix(12).joined(separator: "; ")
    throw ImportError(
      source.path, "does not fit \(architecture): \(listed)" + (all.count > 12 ? "; and \(all.count - 12) more" : ""))
  }

  /// Appends a node; its name is the path of the module in the checkpoint, or says what is done with that module's result.
  mutating func append(_ operation: Operation, _ inputs: [NodeID], _ name: String, shape: Shape? = nil) throws(ImportError)
    -> NodeID
  {
    guard problems.isEmpty else { return NodeID(0) }
    do { return try graph.append(operation, inputs, name: name, shape: shape) } catch {
      throw ImportError(architecture, "the model does not fit together at \(error)")
    }
  }

  /// Shape of a node's result; a single value once a tensor was found wrong.
  func shape(_ node: NodeID) -> Shape { problems.isEmpty ? graph[node].shape : Shape(channels: 1) }

  /// Whether the checkpoint has a tensor.
  func has(_ name: String) -> Bool { source.shape(of: name) != nil }

  /// Makes a parameter that the checkpoint does not hold.
  mutating func constant(_ name: String, _ shape: [Int], _ values: [Float]) -> String {
    graph.parameters[name] = Parameter(shape: shape, values: values)
    return name
  }

  /// Adds a value of the timestep and class that is not made of the graph's operations.
  mutating func stepFunction(_ name: String, shape: Shape, _ function: StepFunction) throws(ImportError) -> NodeID {
    graph.stepFunctions[name] = function
    return try append(.stepFunction(name), [], name, shape: shape)
  }

  /// Says that tensors are known and rightly not used, such as counters of training or an encoder beside the decoder.
  mutating func ignore(where isIgnored: (String) -> Bool) {
    unused = unused.filter { !isIgnored($0) }
  }

  /// Takes a tensor of the checkpoint into the graph.
  /// - Parameters:
  ///   - names: its name, then older names for the same.
  ///   - shape: as PyTorch has it.
  ///   - kept: the shape that the graph wants, of as many values; nil: the same.
  mutating func tensor(_ names: String..., shape: [Int], as kept: [Int]? = nil) throws(ImportError) -> String {
    let name = names.first { has($0) } ?? names[0]
    check(name, shape)
    guard problems.isEmpty, graph.parameters[name] == nil else { return name }
    var parameter = try source.parameter(name)
    if let kept { parameter.shape = kept }
    graph.parameters[name] = parameter
    return name
  }

  /// Takes a tensor of the checkpoint and stores another made from it under a name of its own.
  /// - Parameter change: from the checkpoint's tensor to the graph's.
  mutating func tensor(_ name: String, shape: [Int], storedAs key: String, _ change: (Parameter) -> Parameter) throws(ImportError)
    -> String
  {
    check(name, shape)
    guard problems.isEmpty, graph.parameters[key] == nil else { return key }
    graph.parameters[key] = change(try source.parameter(name))
    return key
  }

  /// Takes a tensor of the checkpoint whose values the caller makes parameters of; nil once a tensor was found wrong.
  mutating func values(_ name: String, shape: [Int]) throws(ImportError) -> Parameter? {
    check(name, shape)
    return problems.isEmpty ? try source.parameter(name) : nil
  }

  /// Notes a tensor as used, and what is wrong with it.
  private mutating func check(_ name: String, _ shape: [Int]) {
    guard let found = source.shape(of: name) else {
      problems.append("'\(name)' \(shape) is missing")
      return
    }
    unused.remove(name)
    if found != shape { problems.append("'\(name)' has shape \(found), expected \(shape)") }
  }
}
