import DriftGraph

/// Writes a graph's part of the sample as a NIR graph, with the timestep and the class baked in.
///
/// An activation ReLU(x) becomes an IF node, whose rate of spikes tends to x / threshold, and a Scale by the threshold: then every value,
/// averaged over time, is near the graph's own, and biases are currents at every time step.
public struct NIRExport {
  /// The graph.
  let graph: Graph
  /// Values of the nodes that depend on the timestep and the class alone, channels first.
  let timeValues: [NodeID: [Float]]
  /// Thresholds of the IF nodes, by the activation's node: its largest value that matters.
  let thresholds: [NodeID: Float]

  var result = NIRGraph()
  var refusals: [NIRError.Refusal] = []
  /// Names in `result` whose sum is a node's value.
  var sources: [NodeID: [String]] = [:]
  /// How many nodes of the graph read a node's result, of those that the answer depends on.
  var readers: [Int]
  /// Positions in `result.nodes` by name.
  var position: [String: Int] = [:]

  /// A graph in NIR.
  /// - Parameters:
  ///   - timeValues: of `FloatDenoiser.evaluateTimePart`.
  ///   - thresholds: of every ReLU's node; above 0 and finite.
  /// - Throws: `NIRError.inexpressible` with all nodes that NIR has no counterpart of.
  public static func graph(
    _ graph: Graph, timeValues: [NodeID: [Float]], thresholds: [NodeID: Float]
  ) throws(NIRError) -> NIRGraph {
    var export = NIRExport(graph, timeValues, thresholds)
    return try export.run()
  }

  private init(_ graph: Graph, _ timeValues: [NodeID: [Float]], _ thresholds: [NodeID: Float]) {
    self.graph = graph
    self.timeValues = timeValues
    self.thresholds = thresholds
    readers = [Int](repeating: 0, count: graph.nodes.count)
  }

  private mutating func run() throws(NIRError) -> NIRGraph {
    guard !graph.nodes.isEmpty, timeValues[graph.output] == nil else {
      throw .constantAnswer(graph.nodes.isEmpty ? "" : graph[graph.output].name)
    }
    var isLive = [Bool](repeating: false, count: graph.nodes.count)
    isLive[graph.output.index] = true
    for id in graph.ids.reversed() where isLive[id.index] && timeValues[id] == nil {
      for input in graph[id].inputs {
        isLive[input.index] = true
        readers[input.index] += 1
      }
    }
    readers[graph.output.index] += 1
    for id in graph.ids where isLive[id.index] && timeValues[id] == nil { try translate(id) }
    guard refusals.isEmpty else { throw .inexpressible(refusals) }
    append(.output(graph[graph.output].shape), name: "output", reading: sources[graph.output] ?? [])
    return result
  }

  /// Appends a node that reads the sum of others.
  /// - Returns: its name, which may differ from the one asked for.
  @discardableResult
  mutating func append(_ kind: NIRNode.Kind, name: String, reading: [String]) -> String {
    // Frameworks make attributes and modules of the names, so only letters, digits and underscores are safe.
    var base = String(name.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" }.drop { $0 == "_" })
    if base.first?.isLetter != true { base = "node_" + base }
    var (unique, count) = (base, 1)
    while position[unique] != nil {
      count += 1
      unique = "\(base)_\(count)"
    }
    position[unique] = result.nodes.count
    result.nodes.append(NIRNode(name: unique, kind: kind))
    result.edges += reading.map { NIRGraph.Edge(source: $0, target: unique) }
    return unique
  }

  /// Notes a node that NIR cannot express. Those that read it are still looked at, so that all are named at once.
  mutating func refuse(_ id: NodeID, _ reason: String) {
    refusals.append(NIRError.Refusal(node: graph[id].name, reason: reason))
    sources[id] = []
  }
}
