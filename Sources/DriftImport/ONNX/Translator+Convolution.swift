import DriftGraph

/// Convolutions of pictures [1, C, H, W] and signals [1, C, L].
extension Translator {
  /// Attributes of a convolution with a value for rows and for columns.
  private struct Window {
    var kernel: (height: Int, width: Int)
    var stride: Int
    var dilation: (rows: Int, columns: Int)
    var groups: Int
  }

  mutating func convolution(_ node: TranslationNode) throws -> Value {
    let view = try view(node, 0)
    let isDense = (node.integer("group") ?? 1) < max(view.dims.count > 1 ? view.dims[1].size : 1, 2)
    let (input, order) = isDense ? try naturalOrPermuted(view) : (try natural(view), nil)
    var weights = try constant(node, 1)
    let window = try window(node, input, &weights)
    let (shape, outputs) = (graph[input.node].shape, weights.shape[0])
    var extent = (
      height: (window.kernel.height - 1) * window.dilation.rows + 1, width: (window.kernel.width - 1) * window.dilation.columns + 1
    )
    let pads = try padding(node, input, extent, window.stride)
    let isDepthwise = window.groups > 1 && window.groups == shape.channels && outputs == shape.channels
    guard weights.shape[1] * window.groups == shape.channels, outputs % window.groups == 0 else {
      throw Refusal("has weights of \(weights.shape) in \(window.groups) groups for \(shape.channels) channels")
    }
    if window.groups > 1 && !isDepthwise { weights = try Self.dense(weights, groups: window.groups) }
    if let order { weights = Self.selected(weights, order) }
    weights = try Self.dilated(weights, window.dilation, extent)
    var source = input.node
    var (top, left, bottom, right) = pads
    var stride = window.stride
    if !isDepthwise, case .spaceToDepth(let block) = graph[source].operation {
      // A convolution of patches is one of their pixels, with as many times the stride.
      weights = Self.unpatched(weights, block)
      extent = (extent.height * block, extent.width * block)
      (stride, top, left, bottom, right) = (stride * block, top * block, left * block, bottom * block, right * block)
      source = graph[source].inputs[0]
    }
    if case .pad(let zeros) = graph[source].operation, zeros.mode == .zero {
      (top, left, bottom, right) = (top + zeros.top, left + zeros.left, bottom + zeros.bottom, right + zeros.right)
      source = graph[source].inputs[0]
    }
    var layer = Convolution(
      weight: parameter("weight", weights.shape, weights.values), bias: nil, stride: stride, padTop: top, padLeft: left,
      padBottom: bottom, padRight: right)
    (layer.kernelHeight, layer.kernelWidth) = extent
    if has(node, 2) {
      let bias = try constant(node, 2)
      layer.bias = parameter("bias", [bias.values.count], bias.values)
    }
    let result = try append(isDepthwise ? .depthwise(layer) : .convolution(layer), [source])
    return .view(View(node: result, shape: graph[result].shape, rank: input.dims.count))
  }

  mutating func transposedConvolution(_ node: TranslationNode) throws -> Value {
    let input = try natural(try view(node, 0))
    var weights = try constant(node, 1)
    let window = try window(node, input, &weights)
    let shape = graph[input.node].shape
    let extent = (
      height: (window.kernel.height - 1) * window.dilation.rows + 1, width: (window.kernel.width - 1) * window.dilation.columns + 1
    )
    guard weights.shape[0] == shape.channels, shape.channels % window.groups == 0 else {
      throw Refusal("has weights of \(weights.shape) for \(shape.channels) channels")
    }
    if window.groups > 1 { weights = try Self.dense(weights, groups: window.groups) }
    weights = try Self.dilated(weights, window.dilation, extent)
    guard let output = source.shape(of: node.outputs[0]), output.count == input.dims.count else {
      throw Refusal("has an unknown shape")
    }
    guard ["NOTSET", ""].contains(node.string("auto_pad") ?? "") else { throw Refusal("has auto_pad; export it with pads") }
    let pads = spatial(node.integers("pads") ?? [], input, default: 0)
    let (height, width) = (input.dims.count == 4 ? output[2] : 1, output[output.count - 1])
    var layer = TransposedConvolution(
      weight: parameter("weight", weights.shape, weights.values), bias: nil, kernelHeight: extent.height, kernelWidth: extent.width,
      stride: window.stride, padTop: pads[0], padLeft: pads[1], height: height, width: width)
    if has(node, 2) {
      let bias = try constant(node, 2)
      layer.bias = parameter("bias", [bias.values.count], bias.values)
    }
    let result = try append(.transposedConvolution(layer), [input.node])
    return .view(View(node: result, shape: graph[result].shape, rank: input.dims.count))
  }

  /// Reads the attributes that all convolutions have; a signal's weights become those of a picture with one row.
  private func window(_ node: TranslationNode, _ input: View, _ weights: inout ConstantTensor) throws -> Window {
    guard weights.shape.count == input.dims.count, input.dims.count >= 3 else {
      throw Refusal("has weights of \(weights.shape) for a tensor of \(input.shape)")
    }
    if input.dims.count == 3 { weights.shape.insert(1, at: 2) }
    let strides = spatial(node.integers("strides") ?? [], input, default: 1)
    let dilations = spatial(node.integers("dilations") ?? [], input, default: 1)
    let isSignal = input.dims.count == 3
    guard strides[1] >= 1, isSignal || strides[0] == strides[1] else {
      throw Refusal("has strides \(strides), expected equal ones")
    }
    guard dilations.allSatisfy({ (1...1024).contains($0) }) else { throw Refusal("has dilations \(dilations)") }
    let groups = node.integer("group") ?? 1
    guard groups >= 1 else { throw Refusal("has \(groups) groups") }
    return Window(
      kernel: (weights.shape[2], weights.shape[3]), stride: strides[1], dilation: (isSignal ? 1 : dilations[0], dilations[1]),
      groups: groups)
  }

  /// [rows, columns] of an attribute; of a signal's, 1 row (or no padding of rows).
  private func spatial(_ values: [Int], _ input: View, default fallback: Int) -> [Int] {
    let count = input.dims.count - 2
    let given = values.isEmpty ? [Int](repeating: fallback, count: count) : values
    return count == 1 ? [fallback, given[0]] : given
  }

  private func padding(_ node: TranslationNode, _ input: View, _ extent: (height: Int, width: Int), _ stride: Int) throws
    -> (top: Int, left: Int, bottom: Int, right: Int)
  {
    let shape = graph[input.node].shape
    switch node.string("auto_pad") ?? "NOTSET" {
    case "NOTSET", "":
      let pads = node.integers("pads") ?? []
      if pads.isEmpty { return (0, 0, 0, 0) }
      if input.dims.count == 3, pads.count == 2 { return (0, pads[0], 0, pads[1]) }
      guard pads.count == 4 else { throw Refusal("has pads \(pads)") }
      return (pads[0], pads[1], pads[2], pads[3])
    case "VALID": return (0, 0, 0, 0)
    case let mode where mode == "SAME_UPPER" || mode == "SAME_LOWER":
      func needed(_ size: Int, _ kernel: Int) -> (Int, Int) {
        let total = max(((size + stride - 1) / stride - 1) * stride + kernel - size, 0)
        return mode == "SAME_UPPER" ? (total / 2, total - total / 2) : (total - total / 2, total / 2)
      }
      let (rows, columns) = (needed(shape.height, extent.height), needed(shape.width, extent.width))
      return (rows.0, columns.0, rows.1, columns.1)
    case let mode: throw Refusal("has auto_pad '\(mode)'")
    }
  }

  /// Weights of several groups of channels as those of one, zero between groups; of either direction, the grouped channels first.
  private static func dense(_ weights: ConstantTensor, groups: Int) throws -> ConstantTensor {
    let (rows, columns) = (weights.shape[0], weights.shape[1])
    let taps = weights.shape[2] * weights.shape[3]
    var values = [Float](repeating: 0, count: try bounded([rows, columns, groups, taps]))
    for row in 0..<rows {
      let first = row / (rows / groups) * columns
      for index in 0..<columns * taps {
        values[(row * columns * groups + first) * taps + index] = weights.values[row * columns * taps + index]
      }
    }
    return ConstantTensor(shape: [rows, columns * groups, weights.shape[2], weights.shape[3]], values: values)
  }

  /// Weights for input channels in another order.
  private static func selected(_ weights: ConstantTensor, _ order: [Int]) -> ConstantTensor {
    let taps = weights.shape[2] * weights.shape[3]
    var values: [Float] = []
    values.reserveCapacity(weights.values.count)
    for output in 0..<weights.shape[0] {
      for input in order {
        let first = (output * weights.shape[1] + input) * taps
        values += weights.values[first..<first + taps]
      }
    }
    return ConstantTensor(shape: weights.shape, values: values)
  }

  /// Weights for the pixels of patches, given those for patches whose pixels are channels (`Operation.spaceToDepth`).
  static func unpatched(_ weights: ConstantTensor, _ block: Int) -> ConstantTensor {
    let (outputs, inputs) = (weights.shape[0], weights.shape[1] / (block * block))
    let (height, width) = (weights.shape[2], weights.shape[3])
    var values = [Float](repeating: 0, count: weights.values.count)
    for output in 0..<outputs {
      for part in 0..<block * block {
        for input in 0..<inputs {
          let source = (output * weights.shape[1] + part * inputs + input) * height * width
          let target = (output * inputs + input) * block * block * height * width
          for tap in 0..<height * width {
            let (row, column) = (tap / width * block + part / block, tap % width * block + part % block)
            values[target + row * width * block + column] = weights.values[source + tap]
          }
        }
      }
    }
    return ConstantTensor(shape: [outputs, inputs, height * block, width * block], values: values)
  }

  /// Zeros between the taps of a dilated kernel.
  private static func dilated(_ weights: ConstantTensor, _ dilation: (rows: Int, columns: Int), _ extent: (height: Int, width: Int))
    throws
    -> ConstantTensor
  {
    if dilation == (1, 1) { return weights }
    let (height, width) = (weights.shape[2], weights.shape[3])
    let count = weights.shape[0] * weights.shape[1]
    var values = [Float](repeating: 0, count: try bounded([count, extent.height, extent.width]))
    for kernel in 0..<count {
      for y in 0..<height {
        for x in 0..<width {
          values[(kernel * extent.height + y * dilation.rows) * extent.width + x * dilation.columns] =
            weights.values[(kernel * height + y) * width + x]
        }
      }
    }
    return ConstantTensor(shape: [weights.shape[0], weights.shape[1], extent.height, extent.width], values: values)
  }

  /// Weights that a few bytes of a file ask for, such as those of a wide mean, must not take all memory.
  private static let largestWeights = 1 << 27

  /// The product of positive numbers.
  private static func bounded(_ factors: [Int]) throws -> Int {
    try factors.reduce(1) { product, factor in
      let (result, isTooLarge) = product.multipliedReportingOverflow(by: factor)
      guard !isTooLarge, result <= largestWeights else {
        throw Refusal("would take more than \(largestWeights) weights (\(factors.map(String.init).joined(separator: " x ")))")
      }
      return result
    }
  }

  // MARK: - Means

  mutating func averagePool(_ node: TranslationNode) throws -> Value {
    let input = try natural(try view(node, 0))
    let shape = graph[input.node].shape
    let isGlobal = node.op == "GlobalAveragePool"
    let kernel = isGlobal ? [shape.height, shape.width] : spatial(node.integers("kernel_shape") ?? [], input, default: 1)
    let strides = isGlobal ? [1, 1] : spatial(node.integers("strides") ?? [], input, default: 1)
    let pads = try padding(node, input, (kernel[0], kernel[1]), strides[1])
    guard node.integer("ceil_mode") ?? 0 == 0, spatial(node.integers("dilations") ?? [], input, default: 1) == [1, 1],
      input.dims.count == 3 || strides[0] == strides[1], strides[1] >= 1
    else { throw Refusal("rounds its size up, is dilated or has unequal strides") }
    guard pads == (0, 0, 0, 0) || node.integer("count_include_pad") == 1 else {
      throw Refusal("leaves padding out of its means; export it with count_include_pad")
    }
    if kernel == [2, 2], strides == [2, 2], pads == (0, 0, 0, 0) {
      let result = try append(.averagePool, [input.node])
      return .view(View(node: result, shape: graph[result].shape, rank: input.dims.count))
    }
    let result = try mean(input.node, kernel: (kernel[0], kernel[1]), stride: strides[1], pads)
    return .view(View(node: result, shape: graph[result].shape, rank: input.dims.count))
  }

  /// The mean of all pixels of each channel.
  mutating func meanOfPixels(_ node: TranslationNode) throws -> Value {
    var view = try view(node, 0)
    let given = try node.integers("axes") ?? (has(node, 1) ? constant(node, 1).integers : [])
    if given.isEmpty, node.integer("noop_with_empty_axes") == 1 { return .view(view) }
    let axes = given.isEmpty ? Array(view.dims.indices) : given.map { $0 < 0 ? $0 + view.dims.count : $0 }
    guard axes.allSatisfy(view.dims.indices.contains), Set(axes.flatMap { view.dims[$0] }) == Set(view.pixels) else {
      throw Refusal("is neither part of a normalization nor the mean of all pixels")
    }
    let shape = graph[view.node].shape
    view.node = try mean(view.node, kernel: (shape.height, shape.width), stride: 1, (0, 0, 0, 0))
    (view.rows, view.columns) = ([], [])
    let keeps = node.integer("keepdims") ?? 1 == 1
    view.dims = view.dims.indices.compactMap { axes.contains($0) ? (keeps ? [] : nil) : view.dims[$0] }
    return .view(view)
  }

  private mutating func mean(
    _ node: NodeID, kernel: (height: Int, width: Int), stride: Int, _ pads: (top: Int, left: Int, bottom: Int, right: Int)
  ) throws -> NodeID {
    let channels = graph[node].shape.channels
    let taps = try Self.bounded([kernel.height, kernel.width])
    let weight = parameter(
      "mean", [channels, 1, kernel.height, kernel.width],
      [Float](repeating: 1 / Float(taps), count: try Self.bounded([channels, taps])))
    var layer = Convolution(
      weight: weight, bias: nil, stride: stride, padTop: pads.top, padLeft: pads.left, padBottom: pads.bottom, padRight: pads.right)
    (layer.kernelHeight, layer.kernelWidth) = kernel
    return try append(.depthwise(layer), [node])
  }
}
