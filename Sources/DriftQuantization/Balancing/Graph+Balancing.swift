import DriftCalibration
import DriftGraph

extension Graph {
  /// A normalization whose channels can be balanced, and the convolutions that read it.
  private struct Site {
    var convolutions: [NodeID]
    /// Whether something else reads the normalization too.
    var isShared: Bool
  }

  /// The same function with the channels of normalizations that convolutions read scaled alike; see `ChannelBalance`.
  /// - Parameter measure: ranges of these nodes over trajectories of the calibration seed.
  package func balancingNormalizations(measure: (Set<NodeID>) throws -> [NodeID: ChannelRanges]) throws -> Graph {
    let sites = balanceableNormalizations()
    guard !sites.isEmpty else { return self }
    let ranges = try measure(Set(sites.keys))
    var balances: [NodeID: ChannelBalance] = [:]
    for (node, site) in sites {
      guard let ranges = ranges[node] else { continue }
      balances[node] = ChannelBalance(ranges: ranges, weights: site.convolutions.compactMap { weight(of: $0) })
    }
    guard !balances.isEmpty else { return self }
    var balanced: [NodeID: NodeID] = [:]
    return try rewritten { id, inputs, graph throws(GraphError) in
      let node = self[id]
      if let balance = balances[id], let site = sites[id] {
        let operation = graph.divide(node, by: balance.factors)
        guard site.isShared else { return try graph.append(operation, inputs, name: node.name) }
        balanced[id] = try graph.append(operation, inputs, name: "\(node.name).balanced")
        return try graph.append(copyOf: node, inputs)
      }
      guard case .convolution(let layer) = node.operation, let source = node.inputs.first, let balance = balances[source]
      else { return try graph.append(copyOf: node, inputs) }
      graph.parameters[layer.weight]?.multiply(inputs: balance.factors)
      return try graph.append(copyOf: node, [balanced[source] ?? inputs[0]])
    }
  }

  private func balanceableNormalizations() -> [NodeID: Site] {
    let (timeOnly, consumers) = (dependsOnTimeAlone(), consumers())
    var uses: [String: Int] = [:]
    for node in nodes {
      for key in node.operation.parameterKeys { uses[key, default: 0] += 1 }
    }
    var sites: [NodeID: Site] = [:]
    for id in ids where self[id].operation.isNormalization && !timeOnly[id.index] {
      let readers = Set(consumers[id.index])
      let convolutions = readers.filter { reader in
        guard case .convolution(let layer) = self[reader].operation else { return false }
        return uses[layer.weight] == 1
      }
      guard !convolutions.isEmpty else { continue }
      sites[id] = Site(
        convolutions: convolutions.sorted { $0.index < $1.index }, isShared: convolutions.count < readers.count || id == output)
    }
    return sites
  }

  private func weight(of node: NodeID) -> Parameter? {
    guard case .convolution(let layer) = self[node].operation else { return nil }
    return parameters[layer.weight]
  }

  /// The normalization with a result divided by a factor a channel, and parameters of its own.
  private mutating func divide(_ node: Node, by factors: [Float]) -> Operation {
    func divided(_ key: String?, _ role: String) -> String {
      let name = "\(node.name).balanced.\(role)"
      var parameter = key.flatMap { parameters[$0] } ?? Parameter(shape: [factors.count], values: factors.map { _ in 1 })
      parameter.divide(rows: factors)
      parameters[name] = parameter
      return name
    }
    switch node.operation {
    case .groupNormalization(let groups, let epsilon, let gamma, let beta):
      return .groupNormalization(groups: groups, epsilon: epsilon, gamma: divided(gamma, "gamma"), beta: divided(beta, "beta"))
    case .layerNormalization(let epsilon, let gamma, let beta):
      return .layerNormalization(epsilon: epsilon, gamma: divided(gamma, "gamma"), beta: beta.map { divided($0, "beta") })
    case .rootMeanSquareNormalization(let epsilon, let gamma):
      return .rootMeanSquareNormalization(epsilon: epsilon, gamma: divided(gamma, "gamma"))
    default: return node.operation
    }
  }
}

extension Parameter {
  /// Divides all values of each entry of the first dimension.
  mutating func divide(rows factors: [Float]) {
    let length = values.count / factors.count
    for index in values.indices { values[index] /= factors[index / length] }
  }

  /// Multiplies a convolution's weights of each input channel.
  mutating func multiply(inputs factors: [Float]) {
    let taps = shape[2] * shape[3]
    for index in values.indices { values[index] *= factors[index / taps % factors.count] }
  }
}
