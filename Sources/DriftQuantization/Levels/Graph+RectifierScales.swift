import DriftCalibration
import DriftGraph

extension Graph {
  /// A ReLU whose channels can have scales of their own.
  private struct Rectifier {
    /// Convolutions that read it, perhaps enlarged.
    var convolutions: [NodeID]
    /// Enlargements that nothing but those convolutions read.
    var enlargements: Set<NodeID>
    /// Whether something else reads it too.
    var isShared: Bool
    /// The convolution whose weights take the factors on, where nothing but the ReLU reads it.
    var producer: NodeID?
    /// The sum of that convolution and a vector of the timestep.
    var sum: NodeID?
  }

  /// The same function with the channels of ReLUs that convolutions read divided by factors, which the weights behind are multiplied by; see
  /// `RectifierScales`. relu(x / f) = relu(x) / f, so that the factors go into the weights of the convolution before, or, where its
  /// result is a sum with other readers, into one factor a channel of the operator that makes the ReLU.
  /// - Parameters:
  ///   - levels: of the convolutions' operands.
  ///   - measure: histograms of these nodes over trajectories of the calibration seed.
  package func scalingRectifiers(
    levels: OperandLevels, measure: (Set<NodeID>) throws -> [NodeID: ChannelHistograms]
  ) throws -> Graph {
    let sites = rectifiers()
    guard !sites.isEmpty else { return self }
    let histograms = try measure(Set(sites.keys))
    var scales: [NodeID: RectifierScales] = [:]
    var rows: [NodeID: [Float]] = [:], inputs: [NodeID: [Float]] = [:], sums: [NodeID: [Float]] = [:]
    for (node, site) in sites {
      guard let channels = histograms[node]?.channels,
        let found = RectifierScales(
          histograms: channels, weights: site.convolutions.compactMap { weight(of: $0) }, levels: levels)
      else { continue }
      scales[node] = found
      for convolution in site.convolutions { inputs[convolution] = found.factors }
      if let producer = site.producer { rows[producer] = found.factors }
      if let sum = site.sum { sums[sum] = found.factors }
    }
    guard !scales.isEmpty else { return self }
    var scaled: [NodeID: NodeID] = [:]
    return try rewritten { id, sources, graph throws(GraphError) in
      let node = self[id]
      if let found = scales[id], let site = sites[id] {
        if site.producer != nil { return try graph.append(copyOf: node, sources) }
        let product = try graph.divide(sources[0], by: found.factors, name: "\(node.name).scaled")
        guard site.isShared else { return try graph.append(node.operation, [product], name: node.name) }
        scaled[id] = try graph.append(node.operation, [product], name: "\(node.name).levels")
        return try graph.append(copyOf: node, sources)
      }
      if let factors = sums[id] {
        let vector = try graph.divide(sources[1], by: factors, name: "\(node.name).scaled")
        return try graph.append(node.operation, [sources[0], vector], name: node.name)
      }
      switch node.operation {
      case .convolution(var layer) where rows[id] != nil || inputs[id] != nil:
        if let factors = inputs[id] { graph.parameters[layer.weight]?.multiply(inputs: factors) }
        if let factors = rows[id] {
          graph.parameters[layer.weight]?.divide(rows: factors)
          if let bias = layer.bias {
            var parameter = graph.parameters[bias]
            parameter?.divide(rows: factors)
            layer.bias = "\(bias).scaled"
            graph.parameters["\(bias).scaled"] = parameter
          }
        }
        return try graph.append(.convolution(layer), [scaled[node.inputs[0]] ?? sources[0]], name: node.name)
      case .upsampleNearest where scaled[node.inputs[0]] != nil && sites[node.inputs[0]]?.enlargements.contains(id) == true:
        return try graph.append(node.operation, [scaled[node.inputs[0]] ?? sources[0]], name: node.name)
      default: return try graph.append(copyOf: node, sources)
      }
    }
  }

  private func rectifiers() -> [NodeID: Rectifier] {
    let (timeOnly, consumers) = (dependsOnTimeAlone(), consumers())
    var uses: [String: Int] = [:]
    for node in nodes {
      for key in node.operation.parameterKeys { uses[key, default: 0] += 1 }
    }
    func canFold(_ id: NodeID) -> Bool {
      guard id != output, case .convolution(let layer) = self[id].operation else { return false }
      return uses[layer.weight] == 1
    }
    func isRead(by reader: NodeID, alone id: NodeID) -> Bool { id != output && consumers[id.index] == [reader] }
    var sites: [NodeID: Rectifier] = [:]
    for id in ids where self[id].operation == .activation(.relu) && !timeOnly[id.index] {
      var site = Rectifier(convolutions: [], enlargements: [], isShared: id == output)
      for reader in Set(consumers[id.index]).sorted() {
        if canFold(reader) {
          site.convolutions.append(reader)
        } else if self[reader].operation == .upsampleNearest, reader != output, consumers[reader.index].allSatisfy(canFold) {
          site.convolutions += Set(consumers[reader.index]).sorted()
          site.enlargements.insert(reader)
        } else {
          site.isShared = true
        }
      }
      guard !site.convolutions.isEmpty else { continue }
      let source = self[id].inputs[0]
      if !site.isShared, isRead(by: id, alone: source) {
        if canFold(source) {
          site.producer = source
        } else if self[source].operation == .add, timeOnly[self[source].inputs[1].index],
          self[self[source].inputs[1]].shape.pixels == 1, canFold(self[source].inputs[0]),
          isRead(by: source, alone: self[source].inputs[0])
        {
          (site.producer, site.sum) = (self[source].inputs[0], source)
        }
      }
      sites[id] = site
    }
    return sites
  }

  private func weight(of node: NodeID) -> Parameter? {
    guard case .convolution(let layer) = self[node].operation else { return nil }
    return parameters[layer.weight]
  }

  /// A value times one over a factor for each channel.
  private mutating func divide(_ value: NodeID, by factors: [Float], name: String) throws(GraphError) -> NodeID {
    let key = "\(name).factors"
    parameters[key] = Parameter(shape: [factors.count, 1, 1], values: factors.map { 1 / $0 })
    let vector = try append(.parameter(key), name: key)
    return try append(.multiply, [value, vector], name: name)
  }
}
