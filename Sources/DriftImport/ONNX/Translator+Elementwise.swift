import DriftGraph

/// Sums, products and quotients.
extension Translator {
  mutating func added(_ node: TranslationNode, sign: Float) throws -> Value {
    var result = try operand(node, 0)
    for index in 1..<max(node.inputs.count, 2) {
      result = try Operand(sum(result, try operand(node, index), sign: sign))
    }
    return try value(result)
  }

  private mutating func sum(_ a: Operand, _ b: Operand, sign: Float) throws -> Value {
    switch (a, b) {
    case (.view(let a), .view(let b)):
      return .view(try combined(.add, a, sign == 1 ? b : try negated(b)))
    case (.view(let view), .constant(let constant)):
      return .view(try affine(view, factor: nil, shift: constant.map { $0 * sign }))
    case (.constant(let constant), .view(let view)):
      return .view(try affine(sign == 1 ? view : try negated(view), factor: nil, shift: constant))
    case (.view(let view), .step(let name, let shape)):
      return .view(try stepped(.add, view, name, shape) { sign * $0 })
    case (.step(let name, let shape), .view(let view)):
      return .view(try stepped(.add, sign == 1 ? view : try negated(view), name, shape) { $0 })
    case (.logits(let logits), .constant(let mask)), (.constant(let mask), .logits(let logits)):
      guard mask.uniform == 0 else { throw Refusal("adds a mask to an attention, which cannot be converted") }
      return .logits(logits)
    default: throw Refusal("adds values that cannot be combined")
    }
  }

  mutating func multiplied(_ node: TranslationNode) throws -> Value {
    switch (try operand(node, 0), try operand(node, 1)) {
    case (.view(let a), .view(let b)): return .view(try combined(.multiply, a, b))
    case (.view(let view), .constant(let constant)), (.constant(let constant), .view(let view)):
      return .view(try affine(view, factor: constant, shift: nil))
    case (.view(let view), .step(let name, let shape)), (.step(let name, let shape), .view(let view)):
      return .view(try stepped(.multiply, view, name, shape) { $0 })
    case (.logits(let logits), .constant(let constant)), (.constant(let constant), .logits(let logits)):
      guard let factor = constant.uniform else { throw Refusal("scales the products of an attention one by one") }
      return try scaled(.logits(logits), by: factor)
    default: throw Refusal("multiplies values that cannot be combined")
    }
  }

  mutating func divided(_ node: TranslationNode) throws -> Value {
    let dividend = try operand(node, 0)
    switch (dividend, try operand(node, 1)) {
    case (_, .constant(let constant)):
      guard constant.values.allSatisfy({ $0 != 0 }) else { throw Refusal("divides by zero") }
      if let divisor = constant.uniform { return try scaled(dividend, by: 1 / divisor) }
      guard case .view(let view) = dividend else { throw Refusal("divides the products of an attention one by one") }
      return .view(try affine(view, factor: constant.map { 1 / $0 }, shift: nil))
    case (.view(let view), .step(let name, let shape)):
      return .view(try stepped(.multiply, view, name, shape) { 1 / $0 })
    default: throw Refusal("divides by a value that depends on the sample")
    }
  }

  mutating func scaled(_ operand: Operand, by factor: Float) throws -> Value {
    switch operand {
    case .view(let view): return .view(try scaled(view, by: factor))
    case .logits(var logits):
      guard !logits.isNormalized else { throw Refusal("scales an attention behind its Softmax") }
      logits.factor *= factor
      return .logits(logits)
    case .constant, .step: throw Refusal("has no input that depends on the sample")
    }
  }

  private mutating func negated(_ view: View) throws -> View { try scaled(view, by: -1) }

  /// Factors of a layer or a normalization go into it; else a node of its own.
  mutating func scaled(_ view: View, by factor: Float) throws -> View {
    if factor == 1 { return view }
    let channels = graph[view.node].shape.channels
    if let node = try absorbed(view.node, factor: [Float](repeating: factor, count: channels), shift: nil, onlyNormalizations: true)
    {
      return View(node: node, channels: view.channels, rows: view.rows, columns: view.columns, dims: view.dims)
    }
    var result = view
    result.node = try append(.scale(factor), [view.node])
    return result
  }

  /// Sum or product of two values that depend on the sample.
  private mutating func combined(_ operation: Operation, _ a: View, _ b: View) throws -> View {
    var (a, b) = (ranked(a, b.dims.count), ranked(b, a.dims.count))
    guard View.refine(&a, &b) else {
      throw Refusal("combines \(a.shape) and \(b.shape), whose dimensions do not divide each other")
    }
    if a.shape == b.shape {
      let (result, other) = try aligned(a, b)
      var sum = result
      sum.node = try append(operation, [result.node, other.node])
      return sum
    }
    // The smaller one is a vector, for every pixel.
    let (large, small) = a.shape.reduce(1, *) >= b.shape.reduce(1, *) ? (a, b) : (b, a)
    guard small.pixels.isEmpty else { throw Refusal("combines \(a.shape) and \(b.shape), of which the smaller one has pixels") }
    var map: [Axis: Axis] = [:]
    for (one, other) in zip(small.dims, large.dims) where !one.isEmpty {
      guard one.count == other.count else { throw Refusal("combines \(a.shape) and \(b.shape)") }
      for (from, to) in zip(one, other) { map[from] = to }
    }
    let channels = small.channels.compactMap { map[$0] }
    guard Set(channels) == Set(large.channels) || channels.isEmpty else {
      throw Refusal("combines \(a.shape) and \(b.shape), which is not a vector for every pixel")
    }
    var vector = small
    if !channels.isEmpty {
      let order = large.channels.compactMap { axis in small.channels.first { map[$0] == axis } }
      vector = try permutingChannels(small, to: order)
    } else if case .add = operation {
      throw Refusal("adds a single value that depends on the sample")
    }
    var result = large
    result.node = try append(operation, [large.node, vector.node])
    return result
  }

  /// The same view with dimensions of length 1 in front.
  private func ranked(_ view: View, _ rank: Int) -> View {
    var result = view
    while result.dims.count < rank { result.dims.insert([], at: 0) }
    return result
  }

  /// Two views of the same shape, their values in the same order; the second may have been rearranged, or the first.
  mutating func aligned(_ a: View, _ b: View) throws -> (View, View) {
    let (from, to) = (b.dims.flatMap { $0 }, a.dims.flatMap { $0 })
    guard from.count == to.count else { throw Refusal("combines values in orders that do not fit") }
    let map = Dictionary(uniqueKeysWithValues: zip(from, to))
    func renamed(_ axes: [Axis]) -> [Axis] { axes.compactMap { map[$0] } }
    var other = b
    other.channels = renamed(b.channels)
    other.rows = renamed(b.rows)
    other.columns = renamed(b.columns)
    other.dims = a.dims
    do { return (a, try arranged(other, channels: a.channels, rows: a.rows, columns: a.columns)) } catch is Refusal {
      return (try arranged(a, channels: other.channels, rows: other.rows, columns: other.columns), other)
    }
  }

  private func value(_ operand: Operand) throws -> Value {
    switch operand {
    case .view(let view): return .view(view)
    case .logits(let logits): return .logits(logits)
    case .constant, .step: throw Refusal("has no input that depends on the sample")
    }
  }
}

extension Translator.Operand {
  init(_ value: Translator.Value) throws {
    switch value {
    case .view(let view): self = .view(view)
    case .logits(let logits): self = .logits(logits)
    case .unknown: throw Translator.Refusal("depends on a node that cannot be converted")
    }
  }
}
