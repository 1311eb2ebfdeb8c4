import Foundation
import SwiftProtobuf

/// An ONNX model as its file says it: nodes in topological order, inputs, outputs, and weights that are read when they are asked for.
public struct ONNXModel: Sendable {
  /// An input or output of the graph.
  public struct Port: Sendable {
    /// Its name.
    public var name: String
    /// Its number format; nil if the file does not say it or it cannot be read.
    public var type: ElementType?
    /// Its dimensions; nil if the file does not say how many there are.
    public var dimensions: [Dimension]?
  }

  /// A dimension of a port.
  public enum Dimension: Sendable, Equatable {
    case fixed(Int)
    /// Chosen by whoever runs the model; the exporter's name for it, perhaps empty.
    case symbolic(String)
  }

  /// The file.
  public let path: String
  /// Version of the standard operators.
  public let opset: Int
  /// What is fed to the graph; initializers are not among them.
  public let inputs: [Port]
  /// What the graph answers.
  public let outputs: [Port]
  /// In topological order.
  public let nodes: [ONNXNode]
  /// Trained tensors by name.
  public let initializers: [String: Initializer]

  /// Bytes of the file and of those with external data, each counted once: what a model brings, however often tensors point to it.
  let fileBytes: Int

  /// Versions of the standard operators that are known.
  public static let opsets = 13...23

  /// Reads and checks a model.
  /// - Throws: `ONNXError` naming what is wrong.
  public init(path: String) throws(ONNXError) {
    let file = try Self.read(path)
    try self.init(path: path, file: file)
  }

  init(path: String, file: Data) throws(ONNXError) {
    self.path = path
    guard let scan = file.withUnsafeBytes({ RawDataScan($0) }) else {
      throw ONNXError(path, "is not an ONNX model: it is no protobuf message, or it is cut off")
    }
    var options = BinaryDecodingOptions()
    options.messageDepthLimit = 64
    options.discardUnknownFields = true
    let model: DriftOnnx_Model
    do { model = try DriftOnnx_Model(serializedBytes: scan.remainder, options: options) } catch {
      throw ONNXError(path, "is not an ONNX model: it cannot be decoded (\(error))")
    }
    guard model.hasGraph, !model.graph.node.isEmpty else {
      throw ONNXError(path, "is not an ONNX model: it holds no graph of operators")
    }
    opset = try Self.opset(of: model, path)

    var external = ExternalData(model: path)
    var initializers: [String: Initializer] = [:]
    for (index, tensor) in model.graph.initializer.enumerated() {
      let raw =
        index < scan.ranges.count
        ? scan.ranges[index].map { file[file.startIndex + $0.lowerBound..<file.startIndex + $0.upperBound] } : nil
      guard !tensor.name.isEmpty, initializers[tensor.name] == nil else {
        throw ONNXError(path, "has two initializers called '\(tensor.name)', or one without a name")
      }
      initializers[tensor.name] = try Initializer(tensor, raw: raw, path, &external)
    }
    self.initializers = initializers
    inputs = try model.graph.input.filter { initializers[$0.name] == nil }.map { port throws(ONNXError) in try Self.port(port, path)
    }
    outputs = try model.graph.output.map { port throws(ONNXError) in try Self.port(port, path) }
    guard !outputs.isEmpty else { throw ONNXError(path, "has no output") }
    nodes = try Self.sorted(
      try Self.nodes(of: model.graph, path, &external), known: Set(inputs.map(\.name)).union(initializers.keys),
      outputs: outputs.map(\.name),
      path)
    fileBytes = file.count + external.fileBytes
  }

  private static func read(_ path: String) throws(ONNXError) -> Data {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { throw ONNXError(path, "does not exist") }
    guard !isFolder.boolValue else { throw ONNXError(path, "is a folder, expected an ONNX file") }
    do { return try MappedFile.read(path) } catch {
      throw ONNXError(path, "cannot be read: \(error.localizedDescription)")
    }
  }

  private static func opset(of model: DriftOnnx_Model, _ path: String) throws(ONNXError) -> Int {
    var version: Int64?
    for set in model.opsetImport where set.domain.isEmpty || set.domain == "ai.onnx" { version = set.version }
    guard let version else { throw ONNXError(path, "names no version of the standard operators (opset_import)") }
    guard let result = Int(exactly: version), opsets.contains(result) else {
      throw ONNXError(
        path, "uses opset \(version); \(opsets.lowerBound) to \(opsets.upperBound) can be read: export it with opset_version=17")
    }
    return result
  }

  private static func port(_ info: DriftOnnx_ValueInfo, _ path: String) throws(ONNXError) -> Port {
    guard !info.name.isEmpty else { throw ONNXError(path, "has an input or output without a name") }
    let tensor = info.type.tensorType
    var dimensions: [Dimension]?
    if tensor.hasShape {
      dimensions = []
      for dim in tensor.shape.dim {
        if dim.hasValue {
          guard let length = Int(exactly: dim.value), (0...Layout.limit).contains(length) else {
            throw ONNXError(path, "'\(info.name)' has a dimension of \(dim.value)")
          }
          dimensions?.append(.fixed(length))
        } else {
          dimensions?.append(.symbolic(dim.parameter))
        }
      }
    }
    return Port(name: info.name, type: ElementType(rawValue: tensor.elemType), dimensions: dimensions)
  }

  private static func nodes(of graph: DriftOnnx_Graph, _ path: String, _ external: inout ExternalData) throws(ONNXError)
    -> [ONNXNode]
  {
    var nodes: [ONNXNode] = []
    for (index, node) in graph.node.enumerated() {
      let name = node.name.isEmpty ? "\(node.opType)_\(index)" : node.name
      var attributes: [String: ONNXAttribute] = [:]
      for attribute in node.attribute {
        do { attributes[attribute.name] = try Self.attribute(attribute, path, &external) } catch {
          throw ONNXError(path, "node '\(name)' (\(node.opType)), attribute '\(attribute.name)': \(error.problem)")
        }
      }
      let isStandard = node.domain.isEmpty || node.domain == "ai.onnx"
      nodes.append(
        ONNXNode(
          name: name, op: isStandard ? node.opType : "\(node.domain).\(node.opType)", inputs: node.input, outputs: node.output,
          attributes: attributes))
    }
    return nodes
  }

  private static func attribute(_ attribute: DriftOnnx_Attribute, _ path: String, _ external: inout ExternalData) throws(ONNXError)
    -> ONNXAttribute
  {
    switch attribute.type {
    case 1: return .float(attribute.f)
    case 2: return .integer(Int(attribute.i))
    case 3: return .string(String(decoding: attribute.s, as: UTF8.self))
    case 4:
      return .tensor(try Initializer(attribute.t, raw: attribute.t.hasRawData ? attribute.t.rawData : nil, path, &external).value())
    case 6: return .floats(attribute.floats)
    case 7: return .integers(attribute.ints.map { Int($0) })
    case 8: return .strings(attribute.strings.map { String(decoding: $0, as: UTF8.self) })
    default: return .graph
    }
  }

  /// The nodes in an order in which every input was made before.
  private static func sorted(_ nodes: [ONNXNode], known: Set<String>, outputs: [String], _ path: String) throws(ONNXError)
    -> [ONNXNode]
  {
    var producers: [String: Int] = [:]
    for (index, node) in nodes.enumerated() {
      for output in node.outputs where !output.isEmpty {
        guard producers[output] == nil, !known.contains(output) else { throw ONNXError(path, "makes the tensor '\(output)' twice") }
        producers[output] = index
      }
    }
    var waiting = [Int](repeating: 0, count: nodes.count)
    var readers = [[Int]](repeating: [], count: nodes.count)
    for (index, node) in nodes.enumerated() {
      for input in node.inputs where !input.isEmpty && !known.contains(input) {
        guard let producer = producers[input] else {
          throw ONNXError(path, "node '\(node.name)' (\(node.op)) reads '\(input)', which nothing makes")
        }
        waiting[index] += 1
        readers[producer].append(index)
      }
    }
    for output in outputs where producers[output] == nil && !known.contains(output) {
      throw ONNXError(path, "the output '\(output)' is made by nothing")
    }
    var ready = waiting.indices.filter { waiting[$0] == 0 }
    var order: [ONNXNode] = []
    var next = 0
    while next < ready.count {
      order.append(nodes[ready[next]])
      for reader in readers[ready[next]] {
        waiting[reader] -= 1
        if waiting[reader] == 0 { ready.append(reader) }
      }
      next += 1
    }
    if let stuck = waiting.firstIndex(where: { $0 > 0 }) {
      throw ONNXError(path, "node '\(nodes[stuck].name)' (\(nodes[stuck].op)) depends on its own result")
    }
    return order
  }
}
