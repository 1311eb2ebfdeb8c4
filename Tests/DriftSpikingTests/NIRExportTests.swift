import CHDF5
import DriftGraph
import DriftSpiking
import Foundation
import Testing

/// NIR graphs, read back through the HDF5 library. In turn, because the library is not made for several threads.
@Suite(.serialized)
struct NIRExportTests {
  /// Convolution and vector of the timestep, ReLU, residual sum that two read, strided convolution with uneven padding, average pool.
  private func network() throws -> (graph: Graph, time: [NodeID: [Float]], neuron: NodeID) {
    var graph = Graph(parameters: [
      "a": Parameter(shape: [2, 1, 3, 3], values: (0..<18).map(Float.init)), "a.bias": Parameter(shape: [2], values: [1, 2]),
      "b": Parameter(shape: [2, 2, 1, 1], values: [1, 0, 0, 1]),
      "c": Parameter(shape: [1, 2, 3, 3], values: (0..<18).map { 0.5 * Float($0) }),
      "time": Parameter(shape: [2, 1, 1], values: [10, 20]),
    ])
    let x = try graph.append(.sample, name: "sample", shape: Shape(channels: 1, height: 8, width: 8))
    let time = try graph.append(.parameter("time"), name: "time")
    let a = try graph.append(
      .convolution(
        Convolution(weight: "a", bias: "a.bias", kernel: 3, padTop: 1, padLeft: 1, padBottom: 1, padRight: 1)), [x], name: "in/conv"
    )
    let shifted = try graph.append(.add, [a, time], name: "in/add")
    let relu = try graph.append(.activation(.relu), [shifted], name: "in/relu")
    let b = try graph.append(.convolution(Convolution(weight: "b", bias: nil)), [relu], name: "b")
    let sum = try graph.append(.add, [relu, b], name: "sum")
    let c = try graph.append(
      .convolution(Convolution(weight: "c", bias: nil, kernel: 3, stride: 2, padBottom: 1, padRight: 1)), [sum], name: "down")
    try graph.append(.averagePool, [c], name: "pool")
    return (graph, [time: [10, 20]], relu)
  }

  @Test("the file holds every node with its parameters and every edge")
  func readBack() throws {
    let (graph, time, neuron) = try network()
    let nir = try NIRExport.graph(graph, timeValues: time, thresholds: [neuron: 3])
    let bytes = try nir.encoded()
    #expect(try nir.encoded() == bytes)
    let file = try HDF5Reader(bytes)

    #expect(file.strings("/version") == ["1.0.8"])
    #expect(file.strings("/node/type") == ["NIRGraph"])
    let edges = file.strings("/node/edges")
    #expect(file.shape("/node/edges") == [edges.count / 2, 2])
    #expect(
      Set(stride(from: 0, to: edges.count, by: 2).map { "\(edges[$0])>\(edges[$0 + 1])" }) == [
        "input>in_conv", "in_conv>in_relu", "in_relu>in_relu_amplitude", "in_relu_amplitude>b", "in_relu_amplitude>down", "b>down",
        "down>pool", "pool>output",
      ])
    #expect(file.integers("/node/nodes/input/shape") == [1, 8, 8])
    #expect(file.integers("/node/nodes/output/shape") == [1, 2, 2])
    for (node, type) in [("input", "Input"), ("in_conv", "Conv2d"), ("in_relu", "IF"), ("pool", "AvgPool2d"), ("output", "Output")]
    {
      #expect(file.strings("/node/nodes/\(node)/type") == [type])
    }
    #expect(file.shape("/node/nodes/in_conv/weight") == [2, 1, 3, 3])
    #expect(file.floats("/node/nodes/in_conv/weight") == (0..<18).map(Float.init))
    #expect(file.floats("/node/nodes/in_conv/bias") == [11, 22])
    #expect(file.integers("/node/nodes/in_conv/padding") == [1, 1])
    #expect(file.integers("/node/nodes/in_conv/groups") == [1])
    #expect(file.shape("/node/nodes/in_relu/v_threshold") == [2, 8, 8])
    #expect(Set(file.floats("/node/nodes/in_relu/v_threshold")) == [3])
    #expect(Set(file.floats("/node/nodes/in_relu/v_reset")) == [0])
    #expect(Set(file.floats("/node/nodes/in_relu/r")) == [1])
    #expect(Set(file.floats("/node/nodes/in_relu_amplitude/scale")) == [3])
    // Padding below and to the right only: a kernel with a row and a column of zeros before.
    #expect(file.shape("/node/nodes/down/weight") == [1, 2, 4, 4])
    #expect(file.floats("/node/nodes/down/weight").prefix(8) == [0, 0, 0, 0, 0, 0, 0.5, 1])
    #expect(file.integers("/node/nodes/down/stride") == [2, 2])
    #expect(file.integers("/node/nodes/pool/kernel_size") == [2, 2])
  }

  @Test("every node that NIR cannot express is named in one error")
  func refusals() throws {
    var (graph, time, neuron) = try network()
    let silu = try graph.append(.activation(.silu), [graph.output], name: "act")
    let larger = try graph.append(.upsampleNearest, [silu], name: "up")
    try graph.append(.concatenate, [larger, larger], name: "join")
    let expected = NIRError.inexpressible([
      .init(node: "act", reason: "the activation silu"), .init(node: "up", reason: "a change of resolution by copying pixels"),
      .init(node: "join", reason: "a concatenation"),
    ])
    #expect(refusal(of: graph, time, [neuron: 3]) == expected)
  }

  private func refusal(of graph: Graph, _ time: [NodeID: [Float]], _ thresholds: [NodeID: Float]) -> NIRError? {
    do {
      _ = try NIRExport.graph(graph, timeValues: time, thresholds: thresholds)
      return nil
    } catch {
      return error
    }
  }

  @Test("a value that is added to itself reaches its reader once by each edge")
  func doubled() throws {
    var graph = Graph()
    let x = try graph.append(.sample, name: "sample", shape: Shape(channels: 1, height: 2, width: 2))
    try graph.append(.add, [x, x], name: "twice")
    let nir = try NIRExport.graph(graph, timeValues: [:], thresholds: [:])
    #expect(Set(nir.edges).count == nir.edges.count)
    #expect(
      nir.edges.map { "\($0.source)>\($0.target)" } == [
        "input>twice_operand", "input>twice", "twice_operand>twice", "twice>output",
      ])
  }
}
