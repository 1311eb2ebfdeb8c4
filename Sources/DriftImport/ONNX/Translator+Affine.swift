import DriftGraph

/// Constant factors and shifts, which become part of a layer where they can.
extension Translator {
  /// What the dimensions of an operand that is broadcast to a view count, and where its values go.
  struct Coverage {
    /// Axes of the view that the operand has an own value for, slowest first as the operand counts them.
    var axes: [Axis]
    var channels: Bool
    var pixels: Bool
  }

  /// How an operand of a shape lies on a view.
  func coverage(_ shape: [Int], of view: View) throws -> Coverage {
    var shape = shape
    while shape.count < view.dims.count { shape.insert(1, at: 0) }
    while shape.count > view.dims.count, shape.first == 1 { shape.removeFirst() }
    guard shape.count == view.dims.count else { throw Refusal("combines \(view.shape) with \(shape)") }
    var axes: [Axis] = []
    for (length, dim) in zip(shape, view.dims) where length != 1 {
      guard length == dim.size else { throw Refusal("combines \(view.shape) with \(shape)") }
      axes += dim
    }
    let (inside, outside) = (axes.filter(view.channels.contains), axes.filter { !view.channels.contains($0) })
    guard inside.isEmpty || inside.count == view.channels.count else {
      throw Refusal("combines \(view.shape) with \(shape), which has a value for some of the channels' axes only")
    }
    return Coverage(axes: axes, channels: !inside.isEmpty, pixels: !outside.isEmpty)
  }

  /// For every value of the view (or every channel alone), in its order, the index of the operand's value.
  func sources(_ coverage: Coverage, _ view: View, perPixel: Bool) -> [Int] {
    let home = perPixel ? view.home : view.channels
    var strides: [Int] = []
    for axis in home {
      guard let position = coverage.axes.firstIndex(of: axis) else {
        strides.append(0)
        continue
      }
      strides.append(coverage.axes[(position + 1)...].reduce(1) { $0 * $1.size })
    }
    var result = [0]
    for (axis, stride) in zip(home, strides) { result = result.flatMap { base in (0..<axis.size).map { base + $0 * stride } } }
    return result
  }

  /// view * factor + shift, of constants that are broadcast to the view.
  mutating func affine(_ view: View, factor: ConstantTensor?, shift: ConstantTensor?) throws -> View {
    var result = view
    if let factor {
      if let uniform = factor.uniform { return try scaled(view, by: uniform) }
      result = try affine(view, factor, isFactor: true)
    }
    if let shift {
      if shift.uniform == 0 { return result }
      result = try affine(result, shift, isFactor: false)
    }
    return result
  }

  private mutating func affine(_ view: View, _ constant: ConstantTensor, isFactor: Bool) throws -> View {
    let coverage = try coverage(constant.shape, of: view)
    guard !coverage.pixels || graph[view.node].shape.count <= Self.largestValue else {
      throw Refusal("would take a parameter for each of \(graph[view.node].shape.count) values")
    }
    let indices = sources(coverage, view, perPixel: coverage.pixels)
    let values = indices.map { constant.values[$0] }
    var result = view
    let shape = graph[view.node].shape
    if coverage.pixels {
      let full = [shape.channels, shape.height, shape.width]
      if let node = try absorbedElementwise(view.node, values, full, isFactor: isFactor) {
        result.node = node
      } else {
        let key = parameter(isFactor ? "factor" : "shift", full, values)
        let picture = try append(.parameter(key), [])
        result.node = try append(isFactor ? .multiply : .add, [view.node, picture])
      }
      return result
    }
    if let node = try absorbed(view.node, factor: isFactor ? values : nil, shift: isFactor ? nil : values) {
      result.node = node
    } else if !isFactor {
      let key = parameter("shift", [shape.channels, 1, 1], values)
      result.node = try append(.add, [view.node, try append(.parameter(key), [])])
    } else {
      let weight = parameter("factor", [shape.channels, 1, 1, 1], values)
      result.node = try append(.depthwise(Convolution(weight: weight, bias: nil)), [view.node])
    }
    return result
  }

  /// A layer or normalization with a factor and a shift for each channel taken in; nil if the node is neither.
  mutating func absorbed(_ id: NodeID, factor: [Float]?, shift: [Float]?, onlyNormalizations: Bool = false) throws -> NodeID? {
    let node = graph[id]
    let count = node.shape.channels
    switch node.operation {
    case .convolution(var convolution) where !onlyNormalizations:
      (convolution.weight, convolution.bias) = absorbed(convolution.weight, convolution.bias, factor, shift, along: 0, count)
      return try append(.convolution(convolution), node.inputs)
    case .depthwise(var convolution) where !onlyNormalizations:
      (convolution.weight, convolution.bias) = absorbed(convolution.weight, convolution.bias, factor, shift, along: 0, count)
      return try append(.depthwise(convolution), node.inputs)
    case .transposedConvolution(var convolution) where !onlyNormalizations:
      (convolution.weight, convolution.bias) = absorbed(convolution.weight, convolution.bias, factor, shift, along: 1, count)
      return try append(.transposedConvolution(convolution), node.inputs)
    case .groupNormalization(let groups, let epsilon, let gamma, let beta):
      let (gamma, beta) = (scaledParameter(gamma, factor, along: 0), moved(beta, factor, shift))
      return try append(.groupNormalization(groups: groups, epsilon: epsilon, gamma: gamma, beta: beta), node.inputs)
    case .layerNormalization(let epsilon, let gamma, let beta):
      let ones = gamma ?? parameter("gamma", [count], [Float](repeating: 1, count: count))
      let zeros = beta ?? parameter("beta", [count], [Float](repeating: 0, count: count))
      return try append(
        .layerNormalization(epsilon: epsilon, gamma: scaledParameter(ones, factor, along: 0), beta: moved(zeros, factor, shift)),
        node.inputs)
    case .rootMeanSquareNormalization(let epsilon, let gamma) where shift == nil:
      let ones = gamma ?? parameter("gamma", [count], [Float](repeating: 1, count: count))
      return try append(
        .rootMeanSquareNormalization(epsilon: epsilon, gamma: scaledParameter(ones, factor, along: 0)), node.inputs)
    default: return nil
    }
  }

  private mutating func absorbed(
    _ weight: String, _ bias: String?, _ factor: [Float]?, _ shift: [Float]?, along dimension: Int, _ count: Int
  ) -> (String, String?) {
    let weight = scaledParameter(weight, factor, along: dimension)
    guard bias != nil || shift != nil else { return (weight, nil) }
    let zeros = bias ?? parameter("bias", [count], [Float](repeating: 0, count: count))
    return (weight, moved(zeros, factor, shift))
  }

  /// A parameter times a factor for each index of one dimension.
  private mutating func scaledParameter(_ key: String, _ factor: [Float]?, along dimension: Int) -> String {
    guard let factor, let found = graph.parameters[key] else { return key }
    let inner = found.shape[(dimension + 1)...].reduce(1, *)
    var values = found.values
    for index in values.indices { values[index] *= factor[index / inner % found.shape[dimension]] }
    return parameter("scaled", found.shape, values)
  }

  /// value * factor + shift, by channel.
  private mutating func moved(_ key: String, _ factor: [Float]?, _ shift: [Float]?) -> String {
    guard let found = graph.parameters[key] else { return key }
    let inner = found.shape[1...].reduce(1, *)
    var values = found.values
    for index in values.indices { values[index] = values[index] * (factor?[index / inner] ?? 1) + (shift?[index / inner] ?? 0) }
    return parameter("moved", found.shape, values)
  }

  /// A group normalization with a factor or shift for each channel and pixel taken in.
  private mutating func absorbedElementwise(_ id: NodeID, _ values: [Float], _ full: [Int], isFactor: Bool) throws -> NodeID? {
    let node = graph[id]
    guard case .groupNormalization(let groups, let epsilon, let gamma, let beta) = node.operation,
      let scales = graph.parameters[gamma], let shifts = graph.parameters[beta]
    else { return nil }
    let pixels = node.shape.pixels
    func spread(_ parameter: Parameter) -> [Float] {
      parameter.shape.count == 3 ? parameter.values : parameter.values.flatMap { [Float](repeating: $0, count: pixels) }
    }
    var (gammas, betas) = (spread(scales), spread(shifts))
    for index in values.indices {
      if isFactor { gammas[index] *= values[index] }
      betas[index] = isFactor ? betas[index] * values[index] : betas[index] + values[index]
    }
    let (first, second) = (parameter("gamma", full, gammas), parameter("beta", full, betas))
    return try append(.groupNormalization(groups: groups, epsilon: epsilon, gamma: first, beta: second), node.inputs)
  }
}
