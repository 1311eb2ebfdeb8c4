import DriftGraph

/// Activations and maxima that are made of others.
extension Translator {
  /// min(max(alpha * x + beta, 0), 1), as the graph's line from -3 to 3.
  mutating func hardSigmoid(_ node: TranslationNode) throws -> Value {
    var view = try view(node, 0)
    let (slope, offset) = (node.float("alpha") ?? 0.2, node.float("beta") ?? 0.5)
    if abs(slope - 1 / 6) > 1e-7 { view.node = try append(.scale(6 * slope), [view.node]) }
    if offset != 0.5 {
      let channels = graph[view.node].shape.channels
      let key = parameter("shift", [channels, 1, 1], [Float](repeating: 6 * (offset - 0.5), count: channels))
      view.node = try append(.add, [view.node, try append(.parameter(key), [])])
    }
    view.node = try append(.activation(.hardSigmoid), [view.node])
    return .view(view)
  }

  /// gamma * x, below 0 gamma * alpha * (exp(x) - 1): elu with alpha = 1 where that is all, else its sum with relu.
  mutating func exponential(_ node: TranslationNode) throws -> Value {
    var view = try view(node, 0)
    let isScaled = node.op == "Selu"
    let alpha = node.float("alpha") ?? (isScaled ? 1.673_263_2 : 1)
    let gamma = isScaled ? node.float("gamma") ?? 1.050_701 : 1
    let input = view.node
    view.node = try scaledNode(try append(.activation(.elu), [input]), by: gamma * alpha)
    if alpha != 1 {
      let rest = try scaledNode(try append(.activation(.relu), [input]), by: gamma * (1 - alpha))
      view.node = try append(.add, [view.node, rest])
    }
    return .view(view)
  }

  /// relu(x) - slope * relu(-x): of the two summands one is always 0, so that integers lose nothing.
  mutating func leaky(_ node: TranslationNode) throws -> Value {
    var view = try view(node, 0)
    let slope =
      node.op == "PRelu" ? try constant(node, 1) : ConstantTensor(shape: [], values: [node.float("alpha") ?? 0.01])
    var below = view
    below.node = try append(.activation(.relu), [try append(.scale(-1), [view.node])])
    below = try affine(below, factor: slope.map { -$0 }, shift: nil)
    view.node = try append(.add, [try append(.activation(.relu), [view.node]), below.node])
    return .view(view)
  }

  /// Maxima of patches that do not overlap: the pixels of a patch as channels, then max(a, b) = b + relu(a - b) of each.
  mutating func maximumPool(_ node: TranslationNode) throws -> Value {
    var input = try natural(try view(node, 0))
    let kernel = node.integers("kernel_shape") ?? []
    guard input.dims.count == 4, kernel.count == 2, kernel[0] == kernel[1], (2...8).contains(kernel[0]), node.outputs.count == 1,
      node.integers("strides") ?? [1, 1] == kernel, (node.integers("pads") ?? []).allSatisfy({ $0 == 0 }),
      (node.integers("dilations") ?? []).allSatisfy({ $0 == 1 }), node.integer("ceil_mode") ?? 0 == 0,
      ["NOTSET", "VALID", ""].contains(node.string("auto_pad") ?? "")
    else { throw Refusal("takes maxima of something other than square patches that touch each other") }
    let (shape, block) = (graph[input.node].shape, kernel[0])
    let (height, width) = (shape.height / block * block, shape.width / block * block)
    if height != shape.height || width != shape.width {
      input.node = try append(.crop(top: 0, left: 0, height: height, width: width), [input.node])
    }
    let patches = try append(.spaceToDepth(block: block), [input.node])
    var parts: [NodeID] = []
    for index in 0..<block * block {
      parts.append(try append(.channelSlice(first: index * shape.channels, count: shape.channels), [patches]))
    }
    while parts.count > 1 {
      let (a, b) = (parts.removeFirst(), parts.removeFirst())
      let excess = try append(.activation(.relu), [try append(.add, [a, try append(.scale(-1), [b])])])
      parts.append(try append(.add, [b, excess]))
    }
    return .view(View(node: parts[0], shape: graph[parts[0]].shape, rank: 4))
  }

  private mutating func scaledNode(_ node: NodeID, by factor: Float) throws -> NodeID {
    factor == 1 ? node : try append(.scale(factor), [node])
  }
}
