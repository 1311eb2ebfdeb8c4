import DriftONNX
import Foundation
import Testing

/// Constants of a model: what they are worth, and how much memory a small file may make of them.
@Suite struct ConstantTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func fold(_ model: ModelBytes) throws -> FoldedGraph {
    let path = "\(folder.path)/model.onnx"
    try Data(model.bytes).write(to: URL(fileURLWithPath: path))
    return try FoldedGraph(try ONNXModel(path: path))
  }

  private func problem(_ graph: FoldedGraph, of output: String) -> String? {
    if case .invalid(let problem)? = graph.problems[output] { problem } else { nil }
  }

  @Test func `tensors that share their bytes do not raise what may be made of them`() throws {
    // Sparse: 4 MiB that take no room.
    let weights = "\(folder.path)/weights.bin"
    #expect(FileManager.default.createFile(atPath: weights, contents: nil))
    let handle = try #require(FileHandle(forWritingAtPath: weights))
    try handle.truncate(atOffset: 4 << 20)
    try handle.close()
    var model = ModelBytes()
    model.input("x", [1024, 1024])
    for index in 0..<100 {
      model.external("w\(index)", [1024, 1024], [("location", "weights.bin")])
      model.node("Transpose", ["w\(index)"], ["t\(index)"])
    }
    model.node("Add", ["x", "t99"], ["y"])
    model.output("y")
    let graph = try fold(model)
    #expect(problem(graph, of: "t0") == nil)
    #expect(try #require(problem(graph, of: "t99")).contains("bytes, of at most"))
  }

  @Test func `values made out of nothing have a limit together`() throws {
    var model = ModelBytes()
    model.input("x", [1])
    model.integers("shape", [1 << 24])
    for index in 0..<40 { model.node("ConstantOfShape", ["shape"], ["c\(index)"]) }
    model.node("Add", ["x", "c39"], ["y"])
    model.output("y")
    let graph = try fold(model)
    #expect(problem(graph, of: "c0") == nil)
    #expect(try #require(problem(graph, of: "c39")).contains("bytes, of at most"))
  }

  @Test func `a resize may not pass through a larger tensor than it makes`() throws {
    var model = ModelBytes()
    model.tensor("w", [1, 16384], [Float](repeating: 1, count: 16384))
    model.integers("sizes", [16384, 1])
    model.input("x", [1])
    model.node("Resize", ["w", "", "", "sizes"], ["r"])
    model.node("Add", ["x", "r"], ["y"])
    model.output("y")
    #expect(try #require(problem(try fold(model), of: "r")).contains("passes through [16384, 16384]"))
  }

  @Test func `slopes may not have more dimensions than what they belong to`() throws {
    var model = ModelBytes()
    model.tensor("w", [1, 16384], [Float](repeating: 1, count: 16384))
    model.tensor("slope", [16384, 1], [Float](repeating: 1, count: 16384))
    model.input("x", [1])
    model.node("PRelu", ["w", "slope"], ["p"])
    model.node("Add", ["x", "p"], ["y"])
    model.output("y")
    #expect(try #require(problem(try fold(model), of: "p")).contains("slopes of [16384, 1] for [1, 16384]"))
  }

  @Test func `numbers become bfloat16 by rounding to nearest even`() throws {
    var model = ModelBytes()
    // 1 and odd multiples of half a step above it; a number that rounds up to the next power of two; an infinity.
    model.tensor("w", [5], [1, 1 + 0x1p-8, 1 + 0x3p-8, 1.9999, .infinity])
    model.input("x", [5])
    model.node("Cast", ["w"], ["b"], numbers: ["to": 16])
    model.node("Cast", ["b"], ["f"], numbers: ["to": 1])
    model.node("Add", ["x", "f"], ["y"])
    model.output("y")
    #expect(try fold(model).tensors["f"]?.constant?.value().floats == [1, 1, 1 + 0x1p-6, 2, .infinity])
  }
}
