import DriftGraph

extension NIRExport {
  /// Appends what a node of the graph becomes.
  mutating func translate(_ id: NodeID) throws(NIRError) {
    let node = graph[id]
    switch node.operation {
    case .sample: set(id, .input(node.shape), name: "input")
    case .convolution(let convolution): try convolve(id, convolution, groups: 1)
    case .depthwise(let convolution): try convolve(id, convolution, groups: node.shape.channels)
    case .activation(.relu), .quantizedActivation:
      guard let threshold = thresholds[id], threshold > 0, threshold.isFinite else {
        throw .parameters(node: node.name, problem: "has no threshold above 0")
      }
      let neuron = append(.integrateAndFire(threshold: threshold, shape: node.shape), name: node.name, reading: values(id, 0))
      sources[id] = [append(.scale(threshold, shape: node.shape), name: node.name + "_amplitude", reading: [neuron])]
    case .averagePool:
      guard let input = node.inputs.first.map({ graph[$0].shape }), input.height.isMultiple(of: 2), input.width.isMultiple(of: 2)
      else { return refuse(id, "average pooling of an odd number of rows or columns") }
      set(id, .averagePool, name: node.name)
    case .scale(let factor): set(id, .scale(factor, shape: node.shape), name: node.name)
    case .add: add(id)
    case .multiply, .modulate: multiply(id)
    case .pad(let padding) where padding.mode == .zero:
      guard padding.top >= 0, padding.left >= 0, padding.bottom >= 0, padding.right >= 0 else {
        return refuse(id, "a crop")
      }
      let count = node.shape.channels
      let convolution = NIRConvolution(
        shape: [count, 1, 1, 1], weight: [Float](repeating: 1, count: count), bias: [Float](repeating: 0, count: count), stride: 1,
        top: padding.top, left: padding.left, bottom: padding.bottom, right: padding.right, groups: count)
      set(id, convolution)
    default: refuse(id, node.operation.reasonAgainstNIR)
    }
  }

  /// Names whose sum an input of a node is.
  func values(_ id: NodeID, _ index: Int) -> [String] { sources[graph[id].inputs[index]] ?? [] }

  private mutating func set(_ id: NodeID, _ kind: NIRNode.Kind, name: String) {
    sources[id] = [append(kind, name: name, reading: graph[id].inputs.isEmpty ? [] : values(id, 0))]
  }

  /// Of the input that depends on the sample.
  private mutating func set(_ id: NodeID, _ convolution: NIRConvolution, input: Int = 0) {
    let shape = graph[graph[id].inputs[input]].shape
    let kind = NIRNode.Kind.convolution(convolution, height: shape.height, width: shape.width)
    sources[id] = [append(kind, name: graph[id].name, reading: values(id, input))]
  }

  private mutating func convolve(_ id: NodeID, _ convolution: Convolution, groups: Int) throws(NIRError) {
    let node = graph[id]
    guard let weight = graph.parameters[convolution.weight], weight.shape.count == 4,
      weight.shape.reduce(1, *) == weight.values.count
    else { throw .parameters(node: node.name, problem: "has no weights '\(convolution.weight)' of four dimensions") }
    var bias = [Float](repeating: 0, count: node.shape.channels)
    if let name = convolution.bias {
      guard let values = graph.parameters[name]?.values, values.count == bias.count else {
        throw .parameters(node: node.name, problem: "has no bias '\(name)' of \(bias.count) values")
      }
      bias = values
    }
    set(
      id,
      NIRConvolution(
        shape: weight.shape, weight: weight.values, bias: bias, stride: convolution.stride, top: convolution.padTop,
        left: convolution.padLeft, bottom: convolution.padBottom, right: convolution.padRight, groups: groups))
  }

  /// Sums become edges into the node that reads them; constants go into the bias of the convolution before.
  private mutating func add(_ id: NodeID) {
    let node = graph[id]
    guard let constant = node.inputs.firstIndex(where: { timeValues[$0] != nil }) else {
      let (a, b) = (values(id, 0), values(id, 1))
      guard graph[node.inputs[0]].shape == graph[node.inputs[1]].shape else {
        return refuse(id, "adds a vector of the sample to every pixel")
      }
      // NIR has no two edges between the same nodes. A sum that several read is collected, else it would repeat its edges for each.
      guard Set(a).isDisjoint(with: b) else {
        let second = append(.scale(1, shape: node.shape), name: node.name + "_operand", reading: b)
        sources[id] = [append(.scale(1, shape: node.shape), name: node.name, reading: a + [second])]
        return
      }
      sources[id] = readers[id.index] > 1 ? [append(.scale(1, shape: node.shape), name: node.name, reading: a + b)] : a + b
      return
    }
    let input = node.inputs[1 - constant]
    guard let bias = channelValues(node.inputs[constant], channels: node.shape.channels), graph[input].shape == node.shape else {
      return refuse(id, "adds a constant that differs from pixel to pixel")
    }
    if let names = sources[input], names.count == 1, readers[input.index] == 1, let index = position[names[0]],
      case .convolution(var convolution, let height, let width) = result.nodes[index].kind
    {
      for channel in bias.indices { convolution.bias[channel] += bias[channel] }
      result.nodes[index].kind = .convolution(convolution, height: height, width: width)
      sources[id] = names
      return
    }
    set(id, .channels(factors: bias.map { _ in 1 }, bias: bias), input: 1 - constant)
  }

  /// Products with constants become convolutions of each channel by itself.
  private mutating func multiply(_ id: NodeID) {
    let node = graph[id]
    guard let constant = node.inputs.firstIndex(where: { timeValues[$0] != nil }) else {
      return refuse(id, "a product of two values of the sample")
    }
    let channels = node.shape.channels
    guard graph[node.inputs[1 - constant]].shape == node.shape else {
      return refuse(id, "spreads a value of the sample over pixels")
    }
    if node.operation == .modulate {
      guard constant == 1, let factors = channelValues(node.inputs[1], channels: 2 * channels) else {
        return refuse(id, "modulates constants by the sample")
      }
      return set(
        id, .channels(factors: factors[..<channels].map { 1 + $0 }, bias: Array(factors[channels...])), input: 0)
    }
    guard let factors = channelValues(node.inputs[constant], channels: channels) else {
      return refuse(id, "a product with constants that differ from pixel to pixel")
    }
    set(id, .channels(factors: factors, bias: factors.map { _ in 0 }), input: 1 - constant)
  }

  /// A constant per channel; nil if it differs from pixel to pixel.
  private func channelValues(_ id: NodeID, channels: Int) -> [Float]? {
    guard let values = timeValues[id] else { return nil }
    let shape = graph[id].shape
    if values.count == 1 { return [Float](repeating: values[0], count: channels) }
    guard shape.channels == channels, values.count == shape.count else { return nil }
    var result: [Float] = []
    for channel in 0..<channels {
      let plane = values[channel * shape.pixels..<(channel + 1) * shape.pixels]
      guard let first = plane.first, plane.allSatisfy({ $0 == first }) else { return nil }
      result.append(first)
    }
    return result
  }
}
