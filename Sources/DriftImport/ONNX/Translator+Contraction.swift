import DriftGraph

/// Matrix products: linear layers, and the two products of an attention.
extension Translator {
  /// What the dimensions of a product's operands and result are called, as in einsum.
  private struct Labels {
    var a: [Character]
    var b: [Character]
    var result: [Character]
  }

  mutating func product(_ node: TranslationNode) throws -> Value {
    switch node.op {
    case "Gemm": return try general(node)
    case "Einsum": return try einsum(node)
    default:
      let (a, b) = (try operand(node, 0), try operand(node, 1))
      return try contracted(a, b, try matrixLabels(rank(a), rank(b)))
    }
  }

  /// One operand in another order, or a product of two.
  private mutating func einsum(_ node: TranslationNode) throws -> Value {
    let equation = node.string("equation") ?? ""
    let parts = equation.filter { $0 != " " }.split(separator: ">", omittingEmptySubsequences: false)
    let inputs = parts.first?.dropLast().split(separator: ",", omittingEmptySubsequences: false) ?? []
    guard parts.count == 2, inputs.count == node.inputs.count, (1...2).contains(inputs.count), !equation.contains(".") else {
      throw Refusal("has the equation '\(equation)'")
    }
    let result = Array(parts[1])
    if inputs.count == 2 {
      return try contracted(
        try operand(node, 0), try operand(node, 1), Labels(a: Array(inputs[0]), b: Array(inputs[1]), result: result))
    }
    let labels = Array(inputs[0])
    let order = result.compactMap { labels.firstIndex(of: $0) }
    guard order.sorted() == Array(labels.indices), result.count == labels.count else {
      throw Refusal("sums one operand by the equation '\(equation)'")
    }
    return .view(try view(node, 0).transposed(order))
  }

  private func rank(_ operand: Operand) -> Int {
    switch operand {
    case .view(let view): view.dims.count
    case .logits(let logits): logits.dims.count
    case .constant(let constant): constant.shape.count
    case .step(_, let shape): shape.count
    }
  }

  private func matrixLabels(_ a: Int, _ b: Int) throws -> Labels {
    guard a >= 2, b >= 2, max(a, b) <= 8 else { throw Refusal("multiplies \(a) by \(b) dimensions") }
    let batch = Array("abcdefgh").prefix(max(a, b) - 2)
    return Labels(a: batch.suffix(a - 2) + ["m", "k"], b: batch.suffix(b - 2) + ["k", "n"], result: batch + ["m", "n"])
  }

  /// alpha * A * B + beta * C, with either matrix transposed.
  private mutating func general(_ node: TranslationNode) throws -> Value {
    let (isATransposed, isBTransposed) = (node.integer("transA") == 1, node.integer("transB") == 1)
    let labels = Labels(
      a: isATransposed ? ["k", "m"] : ["m", "k"], b: isBTransposed ? ["n", "k"] : ["k", "n"], result: ["m", "n"])
    guard case .view(let product) = try contracted(try operand(node, 0), try operand(node, 1), labels) else {
      throw Refusal("multiplies queries and keys")
    }
    let result = try scaled(product, by: node.float("alpha") ?? 1)
    let beta = node.float("beta") ?? 1
    guard has(node, 2), beta != 0 else { return .view(result) }
    return .view(try affine(result, factor: nil, shift: try constant(node, 2).map { $0 * beta }))
  }

  private mutating func contracted(_ a: Operand, _ b: Operand, _ labels: Labels) throws -> Value {
    switch (a, b) {
    case (.view(let view), .constant(let weights)): return .view(try linear(view, labels.a, weights, labels.b, labels.result))
    case (.constant(let weights), .view(let view)): return .view(try linear(view, labels.b, weights, labels.a, labels.result))
    case (.view(let a), .view(let b)): return .logits(try logits(a, b, labels))
    case (.logits(let logits), .view(let view)): return .view(try attended(logits, labels.a, view, labels.b, labels.result))
    case (.view(let view), .logits(let logits)): return .view(try attended(logits, labels.b, view, labels.a, labels.result))
    default: throw Refusal("multiplies by a matrix that depends on the timestep; only vectors and factors may")
    }
  }

  // MARK: - Linear layers

  /// A product with constant weights: a 1x1 convolution if it sums over channels, one that covers the picture if it sums over all values.
  private mutating func linear(
    _ view: View, _ viewLabels: [Character], _ weights: ConstantTensor, _ weightLabels: [Character], _ resultLabels: [Character]
  ) throws -> View {
    guard viewLabels.count == view.dims.count, weightLabels.count == weights.shape.count else {
      throw Refusal("has labels of another rank")
    }
    let summed = viewLabels.filter { weightLabels.contains($0) && !resultLabels.contains($0) }
    let made = weightLabels.filter { !viewLabels.contains($0) }
    for (label, length) in zip(weightLabels, weights.shape) where !summed.contains(label) && !made.contains(label) && length != 1 {
      throw Refusal("multiplies each of \(length) parts by weights of its own")
    }
    var axes: [Axis] = []
    for label in summed { if let index = viewLabels.firstIndex(of: label) { axes += view.dims[index] } }
    let view = try takingPatches(view, axes)
    let pixels = view.pixels.filter(axes.contains)
    let channels = view.channels.filter(axes.contains)
    guard channels.count == view.channels.count, pixels.isEmpty || pixels.count == view.pixels.count else {
      throw Refusal("sums over \(axes.size) values of a tensor of \(view.shape), which are not the channels of each pixel")
    }
    let matrix = try matrix(weights, weightLabels, rows: made, columns: summed)
    let outputs = matrix.shape[0]
    // The weights follow the order in which the value holds what is summed over.
    let order = (channels + pixels).indices(in: axes)
    var values = matrix.values
    if order != Array(0..<axes.size) {
      for output in 0..<outputs {
        for (index, source) in order.enumerated() {
          values[output * axes.size + index] = matrix.values[output * axes.size + source]
        }
      }
    }
    let shape = graph[view.node].shape
    var result = view
    var convolution = Convolution(weight: "", bias: nil)
    if !pixels.isEmpty {
      (convolution.kernelHeight, convolution.kernelWidth) = (shape.height, shape.width)
      (result.rows, result.columns) = ([], [])
    }
    var kernels = ConstantTensor(
      shape: [outputs, channels.size, convolution.kernelHeight, convolution.kernelWidth], values: values)
    var input = view.node
    if pixels.isEmpty, case .spaceToDepth(let block) = graph[input].operation {
      kernels = Self.unpatched(kernels, block)
      (convolution.kernelHeight, convolution.kernelWidth, convolution.stride) = (block, block, block)
      input = graph[input].inputs[0]
    }
    convolution.weight = parameter("weight", kernels.shape, kernels.values)
    result.node = try append(.convolution(convolution), [input])
    result.channels = View.axes(outputs)
    result.dims = resultLabels.map { label in
      if made.contains(label) { return made.count == 1 ? result.channels : [] }
      return viewLabels.firstIndex(of: label).map { view.dims[$0] } ?? []
    }
    guard made.count <= 1 else { throw Refusal("makes several dimensions at once; write it with one") }
    return result
  }

  /// Weights as [rows, columns], whatever the order of their dimensions.
  private func matrix(_ weights: ConstantTensor, _ labels: [Character], rows: [Character], columns: [Character]) throws
    -> ConstantTensor
  {
    var strides: [Character: (length: Int, stride: Int)] = [:]
    var stride = 1
    for (label, length) in zip(labels, weights.shape).reversed() {
      strides[label] = (length, stride)
      stride *= length
    }
    func offsets(_ labels: [Character]) -> [Int] {
      labels.reduce([0]) { bases, label in
        guard let (length, stride) = strides[label] else { return bases }
        return bases.flatMap { base in (0..<length).map { base + $0 * stride } }
      }
    }
    let (first, second) = (offsets(rows), offsets(columns))
    let values = [Float](unsafeUninitializedCapacity: first.count * second.count) { buffer, count in
      for base in first {
        for offset in second {
          buffer[count] = weights.values[base + offset]
          count += 1
        }
      }
    }
    return ConstantTensor(shape: [first.count, second.count], values: values)
  }

  // MARK: - Attention

  /// Queries times keys: both sum over what each head has of their channels.
  private func logits(_ a: View, _ b: View, _ labels: Labels) throws -> Logits {
    func axes(_ view: View, _ labels: [Character], where condition: (Character) -> Bool) -> [Axis] {
      zip(labels, view.dims).filter { condition($0.0) }.flatMap(\.1)
    }
    let summed = Set(labels.a).intersection(labels.b).subtracting(labels.result)
    let shared = Set(labels.a).intersection(labels.b).intersection(labels.result)
    for (view, names) in [(a, labels.a), (b, labels.b)] {
      guard Set(axes(view, names) { summed.contains($0) } + axes(view, names) { shared.contains($0) }) == Set(view.channels) else {
        throw Refusal("multiplies two values that depend on the sample in a way that is no attention")
      }
    }
    var dims: [[Logits.Part]] = []
    for label in labels.result {
      let length = (labels.a.firstIndex(of: label).map { a.dims[$0].size } ?? b.dims[labels.b.firstIndex(of: label) ?? 0].size)
      if shared.contains(label) {
        dims.append(length == 1 ? [] : [.head])
      } else {
        dims.append([labels.a.contains(label) ? .query : .key])
      }
    }
    // A batch of one beside the heads counts nothing; several dimensions of heads cannot be told apart later.
    guard dims.filter({ $0 == [.head] }).count <= 1 else { throw Refusal("has heads in several dimensions") }
    return Logits(
      query: a, key: b, queryHeads: axes(a, labels.a) { shared.contains($0) }, keyHeads: axes(b, labels.b) { shared.contains($0) },
      factor: 1, dims: dims)
  }

  mutating func softmax(_ node: TranslationNode) throws -> Value {
    guard case .logits(var logits) = try operand(node, 0), !logits.isNormalized else {
      throw Refusal("is applied to something other than the products of queries and keys")
    }
    var axis = node.integer("axis") ?? -1
    if axis < 0 { axis += logits.dims.count }
    guard logits.dims.indices.contains(axis) else { throw Refusal("has axis \(axis)") }
    if logits.dims[axis] == [.query] { logits = logits.exchanged }
    guard logits.dims[axis] == [.key] else { throw Refusal("runs over something other than the keys") }
    logits.isNormalized = true
    return .logits(logits)
  }

  /// Weights of an attention times values.
  private mutating func attended(
    _ logits: Logits, _ logitLabels: [Character], _ value: View, _ valueLabels: [Character], _ resultLabels: [Character]
  ) throws -> View {
    guard logits.isNormalized else { throw Refusal("multiplies products of queries and keys without Softmax") }
    let shared = Set(logitLabels).intersection(valueLabels)
    func parts(_ label: Character) -> [Logits.Part] { logitLabels.firstIndex(of: label).map { logits.dims[$0] } ?? [] }
    var heads: [Axis] = []
    for (label, dim) in zip(valueLabels, value.dims) where shared.contains(label) && resultLabels.contains(label) {
      guard parts(label) == (dim.isEmpty ? [] : [.head]) else { throw Refusal("mixes the heads of an attention") }
      heads += dim
    }
    for label in shared where !resultLabels.contains(label) {
      guard parts(label) == [.key], let index = valueLabels.firstIndex(of: label), value.dims[index] == value.pixels else {
        throw Refusal("sums over something other than the keys")
      }
    }
    let inner = value.channels.filter { !heads.contains($0) }
    let (result, width) = try attention(logits, value, heads: heads, inner: inner)
    var view = logits.query
    view.node = result
    let (headAxes, innerAxes) = (View.axes(heads.size), View.axes(width))
    view.channels = headAxes + innerAxes
    view.dims = resultLabels.map { label in
      if shared.contains(label) { return parts(label) == [.head] ? headAxes : [] }
      if valueLabels.contains(label) { return innerAxes }
      return parts(label) == [.query] ? logits.query.pixels : []
    }
    return view
  }

  /// The attention's node, its operands with heads as the slow part of the channels; and the width of a head of its result.
  mutating func attention(_ logits: Logits, _ value: View, heads: [Axis], inner: [Axis]) throws -> (NodeID, Int) {
    func ordered(_ view: View, _ heads: [Axis]) throws -> View {
      try permutingChannels(view, to: heads + view.channels.filter { !heads.contains($0) })
    }
    var (query, factor) = (try ordered(logits.query, logits.queryHeads), logits.factor)
    var key = try ordered(logits.key, logits.keyHeads)
    let value = try permutingChannels(value, to: heads + inner)
    guard logits.queryHeads.size == heads.size, logits.keyHeads.size == heads.size else {
      throw Refusal("has \(logits.queryHeads.size), \(logits.keyHeads.size) and \(heads.size) heads")
    }
    while case .scale(let scale) = graph[query.node].operation {
      (query.node, factor) = (graph[query.node].inputs[0], factor * scale)
    }
    while case .scale(let scale) = graph[key.node].operation { (key.node, factor) = (graph[key.node].inputs[0], factor * scale) }
    let node = try append(.attention(heads: heads.size, factor: factor), [query.node, key.node, value.node])
    return (node, inner.size)
  }

  /// ONNX's own Attention (opset 23): queries, keys and values as [1, heads, tokens, width] or [1, tokens, heads * width].
  mutating func attention(_ node: TranslationNode) throws -> Value {
    guard !has(node, 3), !has(node, 4), !has(node, 5), node.integer("is_causal") ?? 0 == 0, (node.float("softcap") ?? 0) == 0 else {
      throw Refusal("has a mask, a cache, causality or a softcap")
    }
    var (query, key, value) = (try view(node, 0), try view(node, 1), try view(node, 2))
    let isFlat = query.dims.count == 3
    if isFlat {
      guard let heads = node.integer("q_num_heads"), heads > 0, node.integer("kv_num_heads") ?? heads == heads else {
        throw Refusal("has q_num_heads \(node.integer("q_num_heads") ?? 0) and kv_num_heads \(node.integer("kv_num_heads") ?? 0)")
      }
      func divided(_ view: View) throws -> View {
        guard let result = view.reshaped([view.shape[0], view.shape[1], heads, view.shape[2] / heads]) else {
          throw Refusal("divides \(view.shape) into \(heads) heads")
        }
        return result.transposed([0, 2, 1, 3])
      }
      (query, key, value) = (try divided(query), try divided(key), try divided(value))
    }
    guard query.dims.count == 4, key.dims.count == 4, value.dims.count == 4 else { throw Refusal("has operands of other ranks") }
    let width = query.shape[3]
    var logits = try logits(query, key, Labels(a: ["a", "h", "m", "k"], b: ["a", "h", "n", "k"], result: ["a", "h", "m", "n"]))
    logits.factor = node.float("scale") ?? 1 / Float(width).squareRoot()
    logits.isNormalized = true
    let result = try attended(logits, ["a", "h", "m", "n"], value, ["a", "h", "n", "d"], ["a", "h", "m", "d"])
    guard isFlat else { return .view(result) }
    let moved = result.transposed([0, 2, 1, 3])
    guard let joined = moved.reshaped([moved.shape[0], moved.shape[1], moved.shape[2] * moved.shape[3]]) else {
      throw Refusal("joins its heads in another order")
    }
    return .view(joined)
  }
}
