import DriftGraph
import Testing

@Suite("work of a graph")
struct WorkTests {
  @Test("convolutions count every tap of every output, attention both products, other nodes nothing")
  func counts() throws {
    var graph = Graph(parameters: [
      "w": Parameter(shape: [6, 2, 3, 3], values: [Float](repeating: 0, count: 108)),
      "d": Parameter(shape: [6, 1, 3, 3], values: [Float](repeating: 0, count: 54)),
    ])
    let sample = try graph.append(.sample, name: "sample", shape: Shape(channels: 2, height: 8, width: 8))
    let wide = Convolution(weight: "w", bias: nil, kernel: 3, stride: 2, padTop: 1, padLeft: 1, padBottom: 1, padRight: 1)
    var x = try graph.append(.convolution(wide), [sample], name: "conv")
    let own = Convolution(weight: "d", bias: nil, kernel: 3, padTop: 1, padLeft: 1, padBottom: 1, padRight: 1)
    x = try graph.append(.depthwise(own), [x], name: "depthwise")
    x = try graph.append(.activation(.silu), [x], name: "act")
    try graph.append(.attention(heads: 1, factor: 1), [x, x, x], name: "attention")
    #expect(graph.multiplyAccumulates() == [0, 16 * 6 * 2 * 9, 16 * 6 * 9, 0, 16 * 16 * 12])
    #expect(graph.nodes.map { graph.parameterCount(of: $0) } == [0, 108, 54, 0, 0])
    #expect(graph.parameterCount == 162)
  }

  @Test("a number that does not fit stops at the largest")
  func saturates() throws {
    var graph = Graph()
    let sample = try graph.append(.sample, name: "sample", shape: Shape(channels: 1 << 20, height: 1 << 20, width: 1 << 12))
    try graph.append(.attention(heads: 1, factor: 1), [sample, sample, sample], name: "attention")
    #expect(graph.multiplyAccumulates() == [0, .max])
  }
}
