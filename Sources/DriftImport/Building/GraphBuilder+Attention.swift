import DriftGraph

extension GraphBuilder {
  /// The projections of diffusers' `Attention` around multi-head attention; no normalization, nothing added.
  /// - Parameters:
  ///   - x: gives the queries.
  ///   - tokens: give keys and values.
  ///   - heads: may have fewer channels together than `x`; the last projection makes them as many again.
  ///   - bias: whether the projections to queries, keys and values have one; the last always has.
  mutating func attention(
    _ x: Value, over tokens: Value, _ name: String, heads: Int, headChannels: Int, bias: Bool
  ) throws(ImportError) -> Value {
    let inner = heads * headChannels
    let query = try linear(x, "\(name).to_q", older: "\(name).query", outputs: inner, bias: bias)
    let key = try linear(tokens, "\(name).to_k", older: "\(name).key", outputs: inner, bias: bias)
    let value = try linear(tokens, "\(name).to_v", older: "\(name).value", outputs: inner, bias: bias)
    let mixed = try mixed(query, key, value, "\(name).attention", heads: heads)
    return try linear(mixed, "\(name).to_out.0", older: "\(name).proj_attn", outputs: x.channels)
  }

  /// softmax(q k^T / sqrt(channels of a head)) v. The heads must divide the channels.
  mutating func mixed(_ query: Value, _ key: Value, _ value: Value, _ name: String, heads: Int) throws(ImportError) -> Value {
    let factor = 1 / Float(query.channels / max(heads, 1)).squareRoot()
    let node = try append(.attention(heads: heads, factor: factor), [query.node, key.node, value.node], name)
    return Value(node: node, channels: value.channels)
  }

  /// Self-attention over pixels, added to its input.
  /// - Parameters:
  ///   - headChannels: of one head; as many heads as fit into the channels.
  ///   - headKey: what the configuration calls them.
  ///   - groups: of the normalization in front; nil: there is none.
  ///   - scale: what the sum is divided by.
  mutating func pixelAttention(
    _ x: Value, _ name: String, headChannels: Int, headKey: String, groups: Int?, epsilon: Float, scale: Float = 1
  ) throws(ImportError) -> Value {
    let heads = x.channels / headChannels
    guard heads > 0 else {
      throw ImportError(architecture, "'\(headKey)' is \(headChannels), more than the \(x.channels) channels of '\(name)'")
    }
    let hidden = if let groups { try groupNormalization(x, "\(name).group_norm", groups: groups, epsilon: epsilon) } else { x }
    let projected = try attention(hidden, over: hidden, name, heads: heads, headChannels: headChannels, bias: true)
    return try divided(try add(x, projected, "\(name).add"), by: scale, "\(name).rescale")
  }

  /// Two linear layers of tokens with a gated GELU between them (Shazeer 2020), as diffusers' `FeedForward`: four times as wide inside.
  mutating func gatedFeedForward(_ x: Value, _ name: String) throws(ImportError) -> Value {
    let inner = 4 * x.channels
    let both = try linear(x, "\(name).net.0.proj", outputs: 2 * inner)
    let hidden = try append(.channelSlice(first: 0, count: inner), [both.node], "\(name).net.0.hidden")
    let gate = try append(.channelSlice(first: inner, count: inner), [both.node], "\(name).net.0.gate")
    let open = try append(.activation(.gelu), [gate], "\(name).net.0.gelu")
    let gated = try append(.multiply, [hidden, open], "\(name).net.0.multiply")
    return try linear(Value(node: gated, channels: inner), "\(name).net.2", outputs: x.channels)
  }

  /// Two linear layers of an embedding with an activation between them: diffusers' `TimestepEmbedding`.
  mutating func embeddingPerceptron(
    _ x: Value, _ name: String, inner: Int, outputs: Int, _ function: Activation
  ) throws(ImportError) -> Value {
    let hidden = try linear(x, "\(name).linear_1", outputs: inner)
    return try linear(try activation(hidden, function, "\(name).act"), "\(name).linear_2", outputs: outputs)
  }
}
