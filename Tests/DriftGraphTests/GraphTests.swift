import DriftGraph
import Testing

/// Graphs are valid from the first node on: what does not fit is refused where it is appended.
@Suite struct GraphTests {
  private func parameter(_ shape: Int...) -> Parameter {
    Parameter(shape: shape, values: [Float](repeating: 0, count: shape.reduce(1, *)))
  }

  private func graph(_ parameters: [String: Parameter] = [:]) throws -> (graph: Graph, x: NodeID) {
    var graph = Graph(parameters: parameters)
    let x = try graph.append(.sample, name: "x", shape: Shape(channels: 4, height: 6, width: 8))
    return (graph, x)
  }

  @Test func `convolutions derive their result from kernel, stride and padding`() throws {
    var (graph, x) = try graph(["w": parameter(5, 4, 3, 3), "b": parameter(5)])
    let same = try graph.append(
      .convolution(Convolution(weight: "w", bias: "b", kernel: 3, padTop: 1, padLeft: 1, padBottom: 1, padRight: 1)), [x],
      name: "same")
    #expect(graph[same].shape == Shape(channels: 5, height: 6, width: 8))
    let half = try graph.append(
      .convolution(Convolution(weight: "w", bias: nil, kernel: 3, stride: 2, padBottom: 1, padRight: 1)), [x], name: "half")
    #expect(graph[half].shape == Shape(channels: 5, height: 3, width: 4))
    let valid = try graph.append(.convolution(Convolution(weight: "w", bias: nil, kernel: 3)), [x], name: "valid")
    #expect(graph[valid].shape == Shape(channels: 5, height: 4, width: 6))
  }

  @Test func `depthwise convolutions keep the channels and have one input each`() throws {
    var (graph, x) = try graph(["w": parameter(4, 1, 3, 3), "b": parameter(4), "full": parameter(4, 4, 3, 3), "five": parameter(5)])
    let half = try graph.append(
      .depthwise(Convolution(weight: "w", bias: "b", kernel: 3, stride: 2, padTop: 1, padLeft: 1, padBottom: 1, padRight: 1)), [x],
      name: "half")
    #expect(graph[half].shape == Shape(channels: 4, height: 3, width: 4))
    for (convolution, reason) in [
      (Convolution(weight: "full", bias: nil, kernel: 3), "[4, 4, 3, 3], expected [4, 1, 3, 3]"),
      (Convolution(weight: "none", bias: nil, kernel: 3), "'none'"),
      (Convolution(weight: "w", bias: "five", kernel: 3), "[5], expected [4]"),
    ] {
      #expect { try graph.append(.depthwise(convolution), [x], name: "bad") } throws: { "\($0)".contains(reason) }
    }
    let small = try graph.append(.averagePool, [try graph.append(.averagePool, [x], name: "p")], name: "small")
    #expect { try graph.append(.depthwise(Convolution(weight: "w", bias: nil, kernel: 3)), [small], name: "bad") } throws: {
      "\($0)".contains("does not fit")
    }
  }

  @Test func `other operations derive theirs`() throws {
    var (graph, x) = try graph(["g": parameter(4), "s": parameter(7, 6), "f": parameter(3)])
    let t = try graph.append(.timestep, name: "t")
    func shape(_ operation: Operation, _ inputs: [NodeID]) throws -> Shape {
      let id = try graph.append(operation, inputs, name: "node\(graph.nodes.count)")
      return graph[id].shape
    }
    #expect(try shape(.groupNormalization(groups: 2, epsilon: 1e-5, gamma: "g", beta: "g"), [x]) == graph[x].shape)
    #expect(try shape(.upsampleNearest, [x]) == Shape(channels: 4, height: 12, width: 16))
    #expect(try shape(.averagePool, [x]) == Shape(channels: 4, height: 3, width: 4))
    #expect(try shape(.concatenate, [x, x]) == Shape(channels: 8, height: 6, width: 8))
    #expect(try shape(.attention(heads: 2, factor: 1), [x, x, x]) == graph[x].shape)
    #expect(
      try shape(.sinusoidalEmbedding(dimension: 9, frequencyShift: 0, cosineFirst: true, maximumPeriod: 1e4), [t])
        == Shape(channels: 9))
    #expect(try shape(.fourierEmbedding(weight: "f", logarithm: true, cosineFirst: false), [t]) == Shape(channels: 6))
    #expect(try shape(.embedding(table: "s"), [t]) == Shape(channels: 6))
    #expect(try shape(.reciprocal, [t]) == Shape(channels: 1))
    #expect(try shape(.multiply, [x, t]) == graph[x].shape)
  }

  @Test func `what does not fit is refused by the node's name`() throws {
    var (graph, x) = try graph(["w": parameter(5, 3, 3, 3), "v": parameter(4, 4), "g": parameter(3), "k": parameter(4, 4, 9, 9)])
    let t = try graph.append(.timestep, name: "t")
    let small = try graph.append(.averagePool, [x], name: "small")
    func refuses(_ operation: Operation, _ inputs: [NodeID], _ reason: String, sourceLocation: SourceLocation = #_sourceLocation) {
      #expect(sourceLocation: sourceLocation) { try graph.append(operation, inputs, name: "bad") } throws: { error in
        error is GraphError && "\(error)".hasPrefix("bad: ") && "\(error)".contains(reason)
      }
    }
    let count = graph.nodes.count
    refuses(.sample, [], "shape is not given")
    refuses(.convolution(Convolution(weight: "none", bias: nil)), [x], "'none'")
    refuses(.convolution(Convolution(weight: "w", bias: nil, kernel: 3)), [x], "[5, 3, 3, 3], expected [5, 4, 3, 3]")
    refuses(.convolution(Convolution(weight: "v", bias: nil)), [x], "four dimensions")
    refuses(.convolution(Convolution(weight: "k", bias: nil, kernel: 9)), [x], "does not fit")
    refuses(.groupNormalization(groups: 3, epsilon: 1e-5, gamma: "g", beta: "g"), [x], "3 groups")
    refuses(.groupNormalization(groups: 2, epsilon: 1e-5, gamma: "g", beta: "g"), [x], "[3], expected [4]")
    refuses(.add, [x, small], "cannot add")
    refuses(.add, [x], "2 inputs")
    refuses(.multiply, [x, small], "cannot multiply")
    refuses(.modulate, [x, t], "cannot modulate")
    refuses(.concatenate, [x, small], "cannot join")
    refuses(.averagePool, [t], "cannot halve")
    refuses(.attention(heads: 3, factor: 1), [x, x, x], "3 heads")
    refuses(.attention(heads: 2, factor: 1), [x, x, small], "attention of 2 heads")
    refuses(.embedding(table: "none"), [t], "'none'")
    refuses(.fourierEmbedding(weight: "v", logarithm: true, cosineFirst: true), [t], "'v'")
    refuses(.sinusoidalEmbedding(dimension: 4, frequencyShift: 2, cosineFirst: true, maximumPeriod: 1e4), [t], "shift 2")
    #expect(graph.nodes.count == count)
  }

  @Test func `nodes know whether they depend on the timestep alone, and who reads them`() throws {
    var (graph, x) = try graph()
    let t = try graph.append(.timestep, name: "t")
    let inverse = try graph.append(.reciprocal, [t], name: "inverse")
    let product = try graph.append(.multiply, [x, inverse], name: "product")
    #expect(graph.dependsOnTimeAlone() == [false, true, true, false])
    #expect(graph.consumers() == [[product], [inverse], [product], []])
    #expect(graph.output == product)
  }

  @Test func `a spiking network tells its steps and neurons; impossible steps are refused`() throws {
    var (graph, x) = try graph(["factors": parameter(3), "table": parameter(3, 1)])
    #expect(graph.spikingSteps == nil && graph.firstSpikingNode == nil && graph.spikingNeurons == 0)
    let steps = try graph.append(.spiking(.repeated(steps: 3)), [x], name: "steps")
    let scaled = try graph.append(.spiking(.stepFactors("factors")), [steps], name: "scaled")
    let fired = try graph.append(.spiking(.integrateAndFire(threshold: 1)), [scaled], name: "fired")
    let sum = try graph.append(.spiking(.weightedSum([0.64, 0.8, 1])), [fired], name: "sum")
    #expect(graph[sum].shape == graph[x].shape)
    #expect(graph.spikingSteps == 3)
    #expect(graph.spikingNeurons == 4 * 6 * 8)
    #expect(graph.firstSpikingNode?.name == "steps")
    for steps in [0, SpikingOperation.mostSteps + 1] {
      #expect { try graph.append(.spiking(.repeated(steps: steps)), [x], name: "bad") } throws: { "\($0)".contains("1 to 1024") }
    }
    #expect { try graph.append(.spiking(.weightedSum([])), [x], name: "bad") } throws: { "\($0)".contains("0 spiking steps") }
    #expect { try graph.append(.spiking(.stepFactors("table")), [x], name: "bad") } throws: { "\($0)".contains("'table'") }
  }

  @Test func `a picture that cannot be doubled is refused`() throws {
    var graph = Graph()
    let x = try graph.append(.sample, name: "x", shape: Shape(channels: 1, height: 1 << 16, width: 1))
    #expect { try graph.append(.upsampleNearest, [x], name: "up") } throws: { "\($0)".contains("cannot double 1x65536x1") }
  }
}
