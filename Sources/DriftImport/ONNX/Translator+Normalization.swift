import DriftGraph

/// Normalizations, told apart by the axes that they run over.
extension Translator {
  mutating func standardized(_ node: TranslationNode) throws -> Value {
    let view = try view(node, 0)
    let axes = node.integers("axes") ?? []
    let result = try standardize(
      view, dimensions: axes, epsilon: node.float("epsilon") ?? 0, isCentered: node.op == Recognition.standardize)
    return .view(try scaled(result, by: node.float("factor") ?? 1))
  }

  mutating func layerNormalization(_ node: TranslationNode) throws -> Value {
    let view = try view(node, 0)
    var axis = node.integer("axis") ?? -1
    if axis < 0 { axis += view.dims.count }
    guard view.dims.indices.contains(axis) else { throw Refusal("has axis \(axis) of \(view.dims.count) dimensions") }
    let result = try standardize(
      view, dimensions: Array(axis..<view.dims.count), epsilon: node.float("epsilon") ?? 1e-5,
      isCentered: node.op == "LayerNormalization")
    let factor = has(node, 1) ? try constant(node, 1) : nil
    let shift = has(node, 2) ? try constant(node, 2) : nil
    return .view(try affine(try affine(result, factor: factor, shift: nil), factor: nil, shift: shift))
  }

  mutating func instanceNormalization(_ node: TranslationNode) throws -> Value {
    let view = try view(node, 0)
    guard view.dims.count >= 3 else { throw Refusal("takes \(view.dims.count) dimensions, expected at least 3") }
    let result = try standardize(
      view, dimensions: Array(2..<view.dims.count), epsilon: node.float("epsilon") ?? 1e-5, isCentered: true)
    return .view(try perChannel(result, node, factor: 1, shift: 2))
  }

  /// Factor and shift along dimension 1, given as vectors.
  private mutating func perChannel(_ view: View, _ node: TranslationNode, factor: Int, shift: Int) throws -> View {
    func along(_ index: Int) throws -> ConstantTensor {
      let vector = try constant(node, index)
      var shape = [Int](repeating: 1, count: view.dims.count)
      shape[1] = vector.values.count
      return ConstantTensor(shape: shape, values: vector.values)
    }
    // Group normalization written as instance normalization has a one and a zero for each group.
    let (first, second) = (try along(factor), try along(shift))
    let scaled = first.uniform == 1 ? view : try affine(view, factor: first, shift: nil)
    return second.uniform == 0 ? scaled : try affine(scaled, factor: nil, shift: second)
  }

  mutating func groupNormalization(_ node: TranslationNode) throws -> Value {
    let view = try view(node, 0)
    guard let groups = node.integer("num_groups"), groups > 0, view.dims.count >= 2, view.shape[1] % groups == 0 else {
      throw Refusal("has num_groups \(node.integer("num_groups") ?? 0) for \(view.shape)")
    }
    let channels = view.shape[1]
    guard let divided = view.reshaped([view.shape[0], groups, channels / groups] + view.shape[2...]) else {
      throw Refusal("divides the channels of \(view.shape) unevenly")
    }
    let normal = try standardize(
      divided, dimensions: Array(2..<divided.dims.count), epsilon: node.float("epsilon") ?? 1e-5, isCentered: true)
    guard let joined = normal.reshaped(view.shape) else { throw Refusal("divides the channels of \(view.shape) unevenly") }
    var (factor, shift) = (try constant(node, 1), try constant(node, 2))
    // Before opset 21 there was one factor and shift for each group.
    if factor.values.count == groups && groups != channels {
      factor.values = factor.values.flatMap { [Float](repeating: $0, count: channels / groups) }
      shift.values = shift.values.flatMap { [Float](repeating: $0, count: channels / groups) }
    }
    var shape = [Int](repeating: 1, count: view.dims.count)
    shape[1] = channels
    guard factor.values.count == channels, shift.values.count == channels else {
      throw Refusal("has \(factor.values.count) factors")
    }
    (factor.shape, shift.shape) = (shape, shape)
    return .view(try affine(try affine(joined, factor: factor, shift: nil), factor: nil, shift: shift))
  }

  mutating func batchNormalization(_ node: TranslationNode) throws -> Value {
    let view = try view(node, 0)
    let (scale, bias) = (try constant(node, 1), try constant(node, 2))
    let (mean, variance) = (try constant(node, 3), try constant(node, 4))
    let epsilon = Double(node.float("epsilon") ?? 1e-5)
    guard node.integer("training_mode") ?? 0 == 0 else { throw Refusal("is in training mode; export the model after eval()") }
    let counts = [scale, bias, mean, variance].map(\.values.count)
    guard view.dims.count >= 2, counts.allSatisfy({ $0 == view.dims[1].size }) else {
      throw Refusal("has factors, shifts, means and variances of \(counts) values for a tensor of \(view.shape)")
    }
    var (factors, shifts) = (scale.values, bias.values)
    for index in factors.indices {
      let factor = Double(scale.values[index]) / (Double(variance.values[index]) + epsilon).squareRoot()
      factors[index] = Float(factor)
      shifts[index] = Float(Double(bias.values[index]) - Double(mean.values[index]) * factor)
    }
    var shape = [Int](repeating: 1, count: view.dims.count)
    shape[1] = factors.count
    let scaled = try affine(view, factor: ConstantTensor(shape: shape, values: factors), shift: nil)
    return .view(try affine(scaled, factor: nil, shift: ConstantTensor(shape: shape, values: shifts)))
  }

  /// (x - mean) / sqrt(variance + epsilon) over some dimensions; without centering x / sqrt(mean of x^2 + epsilon).
  private mutating func standardize(_ view: View, dimensions: [Int], epsilon: Float, isCentered: Bool) throws -> View {
    let normalized = dimensions.map { $0 < 0 ? $0 + view.dims.count : $0 }
    guard normalized.allSatisfy(view.dims.indices.contains) else { throw Refusal("normalizes over dimensions \(dimensions)") }
    let axes = Set(normalized.flatMap { view.dims[$0] })
    let inside = view.channels.filter(axes.contains)
    let pixelAxes = view.pixels.filter(axes.contains)
    var result = view
    if pixelAxes.isEmpty && inside.count == view.channels.count && !view.channels.isEmpty {
      // Also right for a vector, whose only pixel it is.
      let operation =
        isCentered
        ? Operation.layerNormalization(epsilon: epsilon, gamma: nil, beta: nil)
        : .rootMeanSquareNormalization(epsilon: epsilon, gamma: nil)
      result.node = try append(operation, [view.node])
      return result
    }
    guard isCentered else { throw Refusal("divides by a root mean square over something other than the channels of each pixel") }
    guard pixelAxes.count == view.pixels.count, view.channels.suffix(inside.count).elementsEqual(inside) else {
      throw Refusal(
        "normalizes \(view.shape) over dimensions \(dimensions), which are neither groups of channels nor the channels of a pixel")
    }
    let channels = graph[view.node].shape.channels
    let groups = channels / inside.size
    let gamma = parameter("gamma", [channels], [Float](repeating: 1, count: channels))
    let beta = parameter("beta", [channels], [Float](repeating: 0, count: channels))
    result.node = try append(.groupNormalization(groups: groups, epsilon: epsilon, gamma: gamma, beta: beta), [view.node])
    return result
  }
}
