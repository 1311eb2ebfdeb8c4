import DriftGraph

extension Lowering {
  /// Lowers a value whose pixels are runs of channels of other values.
  mutating func lowerGather(_ node: NodeID) throws(LoweringError) -> Int {
    var inputs: [Int] = []
    for input in graph[node].inputs { inputs.append(try realize(input, as: .trunk)) }
    let (shape, source) = (graph[node].shape, graph[graph[node].inputs[0]].shape)
    // Tensors hold their channels in strides of a multiple of four (docs/format.md).
    let stride = (source.channels + 3) / 4 * 4
    func offset(_ y: Int, _ x: Int, channel: Int = 0) -> Int32 { Int32((y * source.width + x) * stride + channel) }
    var offsets: [Int32] = []
    offsets.reserveCapacity(shape.pixels)
    for y in 0..<shape.height {
      for x in 0..<shape.width {
        switch graph[node].operation {
        case .crop(let top, let left, _, _): offsets.append(offset(y + top, x + left))
        case .pad(let padding):
          if let row = padding.source(y - padding.top, of: source.height),
            let column = padding.source(x - padding.left, of: source.width)
          {
            offsets.append(offset(row, column))
          } else {
            offsets.append(-1)
          }
        case .reshapePixels: offsets.append(Int32((y * shape.width + x) * stride))
        case .transposePixels: offsets.append(offset(x, y))
        case .channelSlice(let first, _): offsets.append(offset(y, x, channel: first))
        case .depthToSpace(let block):
          offsets.append(offset(y / block, x / block, channel: (y % block * block + x % block) * shape.channels))
        case .resize(let resize):
          let (row, column) = (
            resize.taps(y, from: source.height, to: shape.height), resize.taps(x, from: source.width, to: shape.width)
          )
          offsets.append(offset(row.first, column.first))
        // The second input's values are counted on from the first's.
        case .concatenatePixels: offsets.append(Int32(x * stride))
        default: throw refuse(node, "has no integer form")
        }
      }
    }
    return emit(.gather(inputs: inputs, offsets: offsets), node: node, to: declare(node, .trunk))
  }

  /// A value that depends on the timestep and class alone, stored in the file.
  mutating func lowerKnown(_ node: NodeID, as representation: Representation) throws(LoweringError) -> Int {
    guard representation == .trunk || representation == .operand || representation == .symmetricOperand else {
      throw refuse(node, "depends on the timestep and class alone, but is used where a picture is needed")
    }
    return emit(.load(row(of: node)), node: node, to: declare(node, representation))
  }

  private func row(of node: NodeID) -> LoadedRow {
    changesWithTimestep[node.index] ? .ofStep : changesWithClass[node.index] ? .ofClass : .fixed
  }

  /// Lowers a product of two values, the second perhaps behind an activation that nothing else reads; or with a vector of the timestep.
  mutating func lowerProduct(_ node: NodeID, as representation: Representation) throws(LoweringError) -> Int {
    guard representation != .float, representation != .symmetricOperand else {
      throw refuse(node, "is used where only a convolution's result can be")
    }
    let (first, second) = (graph[node].inputs[0], graph[node].inputs[1])
    if timeOnly[second.index], graph[second].shape == Shape(channels: graph[node].shape.channels) {
      let input = try realize(first, as: .trunk)
      let gated = LoweredActivation(input: input, activation: nil, gate: second)
      return emit(.activate(gated), node: node, to: declare(node, representation))
    }
    guard graph[second].shape == graph[first].shape else {
      throw refuse(node, "multiplies \(graph[first].shape) by \(graph[second].shape), which depends on the sample")
    }
    for (plain, gate) in [(first, second), (second, first)] {
      guard case .activation(let activation) = graph[gate].operation, !activation.saturates, consumers[gate.index].count == 1 else {
        continue
      }
      let (a, b) = (try realize(plain, as: .trunk), try realize(graph[gate].inputs[0], as: .trunk))
      return emit(.multiply(a: a, b: b, activation: activation), node: node, to: declare(node, representation))
    }
    let (a, b) = (try realize(first, as: .trunk), try realize(second, as: .trunk))
    return emit(.multiply(a: a, b: b, activation: nil), node: node, to: declare(node, representation))
  }
}
