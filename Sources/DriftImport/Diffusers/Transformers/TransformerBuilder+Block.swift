import DriftGraph

extension TransformerBuilder {
  /// Vectors that a layer takes from its conditions; nil where its normalizations learn from none.
  private struct Modulation {
    /// Scale and shift of the normalization in front of attention.
    var attention: Value
    /// What the attention's answer is multiplied by.
    var attentionGate: Value
    /// Scale and shift of the normalization in front of the feed-forward part.
    var feedForward: Value
    /// What the feed-forward part's answer is multiplied by.
    var feedForwardGate: Value
  }

  /// diffusers' `BasicTransformerBlock`: attention, cross-attention where there is a context, feed-forward; each added to its input.
  mutating func block(_ x: Value, _ name: String) throws(ImportError) -> Value {
    let (kind, affine, epsilon) = (configuration.normalization, configuration.isAffine, configuration.epsilon)
    let modulation = try modulation(name)
    var x = x
    var hidden: Value
    switch kind {
    case .table: hidden = try tableNormalization(x, "\(name).norm1")
    case .zero: hidden = try base.layerNormalization(x, "\(name).norm1.norm", epsilon: 1e-6, isAffine: false)
    case .layer, .single: hidden = try base.layerNormalization(x, "\(name).norm1", epsilon: epsilon, isAffine: affine)
    }
    if let modulation { hidden = try modulated(hidden, modulation.attention, "\(name).norm1.modulate") }
    let tokens = configuration.onlyContext ? context ?? hidden : hidden
    hidden = try attention(hidden, over: tokens, "\(name).attn1")
    if let modulation { hidden = try gated(hidden, modulation.attentionGate, "\(name).attn1.gate") }
    x = try base.add(hidden, x, "\(name).attn1.add")

    if let context {
      switch kind {
      case .table: hidden = try tableNormalization(x, "\(name).norm2")
      case .layer, .zero: hidden = try base.layerNormalization(x, "\(name).norm2", epsilon: epsilon, isAffine: affine)
      // PixArt normalizes nothing here; its norm2 stands in front of the feed-forward part.
      case .single: hidden = x
      }
      hidden = try attention(hidden, over: context, "\(name).attn2")
      x = try base.add(hidden, x, "\(name).attn2.add")
    }

    let last = kind == .single ? "norm2" : "norm3"
    hidden = try base.layerNormalization(x, "\(name).\(last)", epsilon: epsilon, isAffine: affine)
    if let modulation { hidden = try modulated(hidden, modulation.feedForward, "\(name).\(last).modulate") }
    hidden = try feedForward(hidden, "\(name).ff")
    if let modulation { hidden = try gated(hidden, modulation.feedForwardGate, "\(name).ff.gate") }
    return try base.add(hidden, x, "\(name).ff.add")
  }

  private mutating func attention(_ x: Value, over tokens: Value, _ name: String) throws(ImportError) -> Value {
    try base.attention(
      x, over: tokens, name, heads: configuration.heads, headChannels: configuration.headChannels,
      bias: configuration.attentionBias)
  }

  private mutating func modulated(_ x: Value, _ vector: Value, _ name: String) throws(ImportError) -> Value {
    Value(node: try base.append(.modulate, [x.node, vector.node], name), channels: x.channels)
  }

  private mutating func gated(_ x: Value, _ gate: Value, _ name: String) throws(ImportError) -> Value {
    Value(node: try base.append(.multiply, [x.node, gate.node], name), channels: x.channels)
  }

  private mutating func feedForward(_ x: Value, _ name: String) throws(ImportError) -> Value {
    guard case .plain(let function) = configuration.feedForward else { return try base.gatedFeedForward(x, name) }
    let hidden = try base.linear(x, "\(name).net.0.proj", outputs: 4 * x.channels)
    return try base.linear(try base.activation(hidden, function, "\(name).net.0.act"), "\(name).net.2", outputs: x.channels)
  }

  /// Layer normalization that a table of timesteps scales and shifts: diffusers' `AdaLayerNorm`.
  private mutating func tableNormalization(_ x: Value, _ name: String) throws(ImportError) -> Value {
    let rows = configuration.embeddings ?? 0
    let table = try base.tensor("\(name).emb.weight", shape: [rows, x.channels])
    let row = Value(node: try base.append(.embedding(table: table), [timestep], "\(name).emb"), channels: x.channels)
    let vector = try base.linear(try base.activation(row, .silu, "\(name).silu"), "\(name).linear", outputs: 2 * x.channels)
    let normalized = try base.layerNormalization(x, "\(name).norm", epsilon: 1e-5, isAffine: false)
    return try modulated(normalized, vector, "\(name).modulate")
  }

  private mutating func modulation(_ name: String) throws(ImportError) -> Modulation? {
    let inner = configuration.inner
    let vector: Value
    switch configuration.normalization {
    case .layer, .table: return nil
    case .zero:
      let embedding = try classEmbedding("\(name).norm1.emb")
      let active = try base.activation(embedding, .silu, "\(name).norm1.silu")
      vector = try base.projection(
        active, "\(name).norm1.linear.ordered", of: "\(name).norm1.linear", total: 6 * inner, rows: Self.order(inner))
    case .single:
      guard let shared else { return nil }
      let order = Self.order(inner)
      let key = try base.tensor("\(name).scale_shift_table", shape: [6, inner], storedAs: "\(name).scale_shift_table.ordered") {
        found in
        Parameter(shape: [6 * inner, 1, 1], values: order.map { found.values[$0] })
      }
      let table = try base.append(.parameter(key), [], "\(name).scale_shift_table")
      vector = try base.add(shared, Value(node: table, channels: 6 * inner), "\(name).scale_shift")
    }
    func part(_ base: inout GraphBuilder, _ what: String, _ first: Int, _ count: Int) throws(ImportError) -> Value {
      let operation = Operation.channelSlice(first: first * inner, count: count * inner)
      return Value(node: try base.append(operation, [vector.node], "\(name).\(what)"), channels: count * inner)
    }
    return Modulation(
      attention: try part(&base, "attn1.scale_shift", 0, 2), attentionGate: try part(&base, "attn1.gate_vector", 2, 1),
      feedForward: try part(&base, "ff.scale_shift", 3, 2), feedForwardGate: try part(&base, "ff.gate_vector", 5, 1))
  }

  /// From diffusers' order, shift, scale, gate, to the graph's, scale, shift, gate, for both parts of a layer.
  static func order(_ inner: Int) -> [Int] {
    [1, 0, 2, 4, 3, 5].flatMap { part in part * inner..<(part + 1) * inner }
  }
}
