import DriftGraph

/// Builds the graph of a `UNet2DModel` from its configuration and tensors.
///
/// Tensors that are missing or have another shape are collected, so that one error names them all; from the first of them on, the graph
/// itself is not built any further.
struct UNet2DBuilder {
  /// A value on its way through the network.
  struct Value {
    var node: NodeID
    var channels: Int
  }

  let configuration: UNet2DConfiguration
  private let file: SafetensorsFile
  private var graph: Graph
  private var problems: [String] = []
  private var unused: Set<String>
  /// The time embedding after its activation, which every residual block projects.
  var embedding = NodeID(0)

  private init(_ configuration: UNet2DConfiguration, _ file: SafetensorsFile, classCount: Int) {
    self.configuration = configuration
    self.file = file
    graph = Graph(classCount: classCount)
    unused = Set(file.entries.keys)
  }

  /// - Parameters:
  ///   - sampleSize: height and width of a picture.
  ///   - classCount: labels that the model takes, 0 if none.
  static func graph(
    _ configuration: UNet2DConfiguration, _ file: SafetensorsFile, sampleSize: (height: Int, width: Int), classCount: Int
  ) throws(ImportError) -> Graph {
    var builder = UNet2DBuilder(configuration, file, classCount: classCount)
    try builder.build(Shape(channels: configuration.channels, height: sampleSize.height, width: sampleSize.width))
    try builder.reportTensors()
    return builder.graph
  }

  // MARK: - Nodes

  /// Appends a node; its name is the path of the module in diffusers, or says what is done with that module's result.
  mutating func append(_ operation: Operation, _ inputs: [NodeID], _ name: String, shape: Shape? = nil) throws(ImportError)
    -> NodeID
  {
    guard problems.isEmpty else { return NodeID(0) }
    do { return try graph.append(operation, inputs, name: name, shape: shape) } catch {
      throw ImportError(configuration.path, "the model does not fit together at \(error)")
    }
  }

  /// Makes a parameter that the checkpoint does not hold.
  mutating func constant(_ name: String, _ shape: [Int], _ values: [Float]) -> String {
    graph.parameters[name] = Parameter(shape: shape, values: values)
    return name
  }

  /// Takes a tensor of the checkpoint into the graph.
  /// - Parameters:
  ///   - names: its name, then older names for the same.
  ///   - shape: as PyTorch has it; a linear layer [outputs, inputs] becomes a 1x1 convolution.
  mutating func tensor(_ names: String..., shape: [Int], linear: Bool = false) throws(ImportError) -> String {
    let name = names.first { file.entries[$0] != nil } ?? names[0]
    guard let entry = file.entries[name] else {
      problems.append("'\(name)' \(shape) is missing")
      return name
    }
    unused.remove(name)
    guard entry.shape == shape else {
      problems.append("'\(name)' has shape \(entry.shape), expected \(shape)")
      return name
    }
    guard problems.isEmpty, graph.parameters[name] == nil else { return name }
    var parameter = try file.parameter(name)
    if linear { parameter.shape += [1, 1] }
    graph.parameters[name] = parameter
    return name
  }

  private func reportTensors() throws(ImportError) {
    let all = problems + unused.sorted().map { "'\($0)' belongs to no layer of this model" }
    guard !all.isEmpty else { return }
    let listed = all.prefix(12).joined(separator: "; ")
    throw ImportError(
      file.path, "does not fit \(configuration.path): \(listed)" + (all.count > 12 ? "; and \(all.count - 12) more" : ""))
  }
}
