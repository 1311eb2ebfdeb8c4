import DriftONNX
import Foundation
import Testing

/// Models that lie about their shapes, names and files are refused by name.
@Suite struct HostileModelTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try FileManager.default.createDirectory(atPath: "\(folder.path)/inner", withIntermediateDirectories: true)
    try Data(repeating: 1, count: 64).write(to: URL(fileURLWithPath: "\(folder.path)/secret.bin"))
    try Data(repeating: 1, count: 64).write(to: URL(fileURLWithPath: "\(folder.path)/inner/weights.bin"))
    try FileManager.default.createSymbolicLink(
      atPath: "\(folder.path)/inner/link.bin", withDestinationPath: "\(folder.path)/secret.bin")
    try FileManager.default.createDirectory(atPath: "\(folder.path)/inner/folder.bin", withIntermediateDirectories: true)
  }

  /// Reads and folds a model that lies in the folder `inner`.
  @discardableResult private func fold(_ model: ModelBytes, shapes: [String: [Int]] = [:]) throws(ONNXError) -> FoldedGraph {
    let path = "\(folder.path)/inner/model.onnx"
    do { try Data(model.bytes).write(to: URL(fileURLWithPath: path)) } catch { throw ONNXError(path, "\(error)") }
    return try FoldedGraph(try ONNXModel(path: path), shapes: shapes)
  }

  private func refusal(_ model: ModelBytes, shapes: [String: [Int]] = [:]) throws -> String {
    try #require(throws: ONNXError.self) { try fold(model, shapes: shapes) }.problem
  }

  /// x + w, with w in another file.
  private func external(_ entries: [(String, String)], shape: [Int] = [4]) -> ModelBytes {
    var model = ModelBytes()
    model.input("x", [1, 4])
    model.external("w", shape, entries)
    model.node("Add", ["x", "w"], ["y"])
    model.output("y")
    return model
  }

  @Test func `external data beside the model is read`() throws {
    let graph = try fold(external([("location", "weights.bin"), ("offset", "48"), ("length", "16")]))
    let value = try #require(graph.tensors["w"]?.constant?.value())
    #expect(value.floats == [Float](repeating: Float(bitPattern: 0x0101_0101), count: 4))
  }

  @Test(arguments: ["../secret.bin", "folder.bin/../../secret.bin", "/etc/hostname", "", "link.bin", "./../secret.bin"])
  func `external data outside of the model's folder is refused`(_ location: String) throws {
    let problem = try refusal(external([("location", location)]))
    #expect(problem.contains("'w'") && problem.contains("'\(location)'") && problem.contains("model's folder"), "\(problem)")
  }

  @Test func `missing external data is named`() throws {
    #expect(
      try refusal(external([("location", "gone.bin")]))
        == "tensor 'w' lies in 'gone.bin', which is missing: put it beside the model")
    #expect(try refusal(external([("location", "folder.bin")])) == "tensor 'w' lies in 'folder.bin', which is no file")
  }

  @Test(
    arguments: [
      ("offset", "52"), ("offset", "-4"), ("offset", "9223372036854775807"), ("offset", "x"), ("length", "17"), ("length", "-1"),
      ("length", "99999999999999999999"), ("offset", "18446744073709551600"),
    ])
  func `external data beyond its file is refused`(_ key: String, _ value: String) throws {
    let problem = try refusal(external([("location", "weights.bin"), (key, value)]))
    #expect(problem.contains("'w' takes 16 bytes, but 'weights.bin' of 64 bytes should hold"), "\(problem)")
  }

  @Test(arguments: [[-1], [1 << 40], [1 << 20, 1 << 20], [Int.max, Int.max], [1, 1, 1, 1, 1, 1, 1, 1, 1]])
  func `impossible shapes of weights are refused`(_ shape: [Int]) throws {
    #expect(try refusal(external([("location", "weights.bin")], shape: shape)).contains("tensor 'w' has the impossible shape"))
  }

  @Test func `open dimensions ask for a shape`() throws {
    var model = ModelBytes()
    model.input("latent", [-1, 3, -1, 32])
    model.node("Relu", ["latent"], ["y"])
    model.output("y")
    #expect(
      try refusal(model)
        == "dimension 2 ('N') of the input 'latent' is open; give --shape latent=Nx3xNx32 with numbers for N")
    #expect(try fold(model, shapes: ["latent": [1, 3, 16, 32]]).tensors["y"]?.shape == [1, 3, 16, 32])
    #expect(try refusal(model, shapes: ["latent": [1, 3]]).contains("has 4 dimensions, the given shape 2"))
    #expect(try refusal(model, shapes: ["image": [1, 3]]).contains("has no input 'image'"))
    #expect(try refusal(model, shapes: ["latent": [1, 3, 1 << 30, 1 << 30]]).contains("has the shape"))
    #expect(try refusal(model, shapes: ["latent": [1, 3, 0, 32]]).contains("has the shape"))
    #expect(try refusal(model, shapes: ["latent": [1, 3, -8, 32]]).contains("has the shape"))
  }

  @Test func `a graph that depends on itself is refused`() throws {
    var model = ModelBytes()
    model.input("x", [1, 4])
    model.node("Add", ["x", "b"], ["a"], name: "first")
    model.node("Relu", ["a"], ["b"], name: "second")
    model.output("b")
    #expect(try refusal(model) == "node 'first' (Add) depends on its own result")
    var alone = ModelBytes()
    alone.input("x", [1, 4])
    alone.node("Add", ["x", "a"], ["a"], name: "only")
    alone.output("a")
    #expect(try refusal(alone) == "node 'only' (Add) depends on its own result")
  }

  @Test func `names that are used twice or by nothing are refused`() throws {
    var twice = ModelBytes()
    twice.input("x", [1, 4])
    twice.node("Relu", ["x"], ["y"])
    twice.node("Neg", ["x"], ["y"])
    twice.output("y")
    #expect(try refusal(twice) == "makes the tensor 'y' twice")
    var over = ModelBytes()
    over.input("x", [1, 4])
    over.node("Relu", ["x"], ["x"])
    over.output("x")
    #expect(try refusal(over) == "makes the tensor 'x' twice")
    var weights = ModelBytes()
    weights.tensor("w", [1], [1])
    weights.tensor("w", [1], [2])
    weights.node("Relu", ["w"], ["y"])
    weights.output("y")
    #expect(try refusal(weights).contains("two initializers called 'w'"))
    var nothing = ModelBytes()
    nothing.node("Relu", ["x"], ["y"], name: "lost")
    nothing.output("y")
    #expect(try refusal(nothing) == "node 'lost' (Relu) reads 'x', which nothing makes")
    var output = ModelBytes()
    output.input("x", [1, 4])
    output.node("Relu", ["x"], ["y"])
    output.output("z")
    #expect(try refusal(output) == "the output 'z' is made by nothing")
  }

  @Test func `nodes may have the same name and come in any order`() throws {
    var model = ModelBytes()
    model.input("x", [1, 4])
    model.node("Neg", ["y"], ["z"], name: "same")
    model.node("Relu", ["x"], ["y"], name: "same")
    model.output("z")
    #expect(try fold(model).nodes.map(\.op) == ["Relu", "Neg"])
  }

  @Test(arguments: [12, 24, 0, -1, 1 << 40])
  func `other opsets are refused`(_ opset: Int) throws {
    var model = ModelBytes()
    model.opset = opset
    model.input("x", [1, 4])
    model.node("Relu", ["x"], ["y"])
    model.output("y")
    #expect(try refusal(model).contains("uses opset \(opset); 13 to 23 can be read"))
  }

  @Test(arguments: [[1 << 31, 4], [1 << 31, 1 << 31, 4], [1 << 40, 4], [Int.max, 4], [5000, 5000, 4]])
  func `constants that grow out of small ones are not computed`(_ shape: [Int]) throws {
    var model = ModelBytes()
    model.input("x", [1, 4])
    model.tensor("w", [4], [1, 2, 3, 4])
    model.integers("shape", shape)
    model.node("Expand", ["w", "shape"], ["large"], name: "growth")
    model.node("ConstantOfShape", ["shape"], ["zeros"], name: "zeros")
    model.node("Add", ["x", "large"], ["y"])
    model.output("y")
    let graph = try fold(model)
    #expect(graph.tensors["large"] == nil && graph.tensors["y"] == nil)
    guard case .invalid? = graph.problems["large"], case .invalid? = graph.problems["zeros"] else {
      Issue.record("\(graph.problems)")
      return
    }
    // What reads a lost tensor is not blamed.
    #expect(graph.problems["y"] == nil)
  }

  @Test func `tensors without values pass through`() throws {
    var model = ModelBytes()
    model.input("x", [1, 4])
    model.integers("nothing", [])
    model.tensor("none", [0, 4], [])
    model.integers("first", [0])
    model.node("Concat", ["none", "none"], ["both"])
    model.node("Squeeze", ["none", "nothing"], ["same"])
    model.node("Slice", ["x", "first", "first", "first"], ["cut"])
    model.node("Add", ["x", "none"], ["sum"])
    model.node("ReduceMean", ["none"], ["mean"], integers: ["axes": [0]])
    model.node("MaxPool", ["none"], ["pool"], integers: ["kernel_shape": [1]])
    model.node("Relu", ["x"], ["y"])
    model.output("y")
    let graph = try fold(model)
    #expect(graph.tensors["both"]?.shape == [0, 4])
    #expect(graph.tensors["same"]?.shape == [0, 4])
    #expect(graph.tensors["cut"]?.shape == [0, 4])
    #expect(graph.tensors["sum"]?.shape == [0, 4])
    #expect(graph.tensors["mean"]?.shape == [1, 4])
    #expect(graph.problems["pool"] != nil)
  }

  @Test func `deep nesting and huge lengths do not exhaust the stack or memory`() throws {
    let path = "\(folder.path)/deep.onnx"
    // A graph in an attribute of a node of a graph, and so on: 0x2A is an attribute, 0x32 its graph, 0x0A a node.
    var content: [UInt8] = []
    for _ in 0..<3000 {
      for tag in [0x0A, 0x32, 0x2A] as [UInt8] {
        var length = content.count
        var head = [tag]
        repeat {
          head.append(UInt8(length & 0x7F) | (length > 0x7F ? 0x80 : 0))
          length >>= 7
        } while length > 0
        content = head + content
      }
      if content.count > 60_000 { break }
    }
    for bytes in [content, [0x3A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F], [0x3A, 0x80], [], [0x3A, 0x00]] {
      try Data(bytes).write(to: URL(fileURLWithPath: path))
      #expect(throws: ONNXError.self) { try ONNXModel(path: path) }
    }
    #expect(throws: ONNXError(folder.path, "is a folder, expected an ONNX file")) { try ONNXModel(path: folder.path) }
    #expect(throws: ONNXError("\(path).gone", "does not exist")) { try ONNXModel(path: "\(path).gone") }
  }
}
