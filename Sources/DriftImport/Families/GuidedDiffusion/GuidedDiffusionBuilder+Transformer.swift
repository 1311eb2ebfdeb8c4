import DriftGraph

extension GuidedDiffusionBuilder {
  /// Tokens made of pixels through transformer blocks, added to the picture (`SpatialTransformer`).
  mutating func transformer(_ x: Value, _ name: String) throws(ImportError) -> Value {
    transformers += 1
    let inner = base.outputs("\(name).proj_in") ?? x.channels
    var tokens = try base.groupNormalization(x, "\(name).norm", groups: Self.groups, epsilon: 1e-6)
    tokens = try base.projection(tokens, "\(name).proj_in", outputs: inner)
    let heads = try heads(inner, name)
    for index in tree.numbers(in: "\(name).transformer_blocks") {
      tokens = try transformerBlock(tokens, "\(name).transformer_blocks.\(index)", heads: heads)
    }
    return try base.add(x, try base.projection(tokens, "\(name).proj_out", outputs: x.channels), "\(name).add")
  }

  private mutating func transformerBlock(_ x: Value, _ name: String, heads: Int) throws(ImportError) -> Value {
    var x = x
    for (index, attention) in ["attn1", "attn2"].enumerated() where tree.has("\(name).\(attention)") {
      let normal = try base.layerNormalization(x, "\(name).norm\(index + 1)", epsilon: 1e-5)
      let memory = if attention == "attn2", let contextWidth { try contextTokens(contextWidth) } else { normal }
      let mixed = try crossAttention(normal, memory, "\(name).\(attention)", heads: heads)
      x = try base.add(x, mixed, "\(name).\(attention).add")
    }
    let normal = try base.layerNormalization(x, "\(name).norm3", epsilon: 1e-5)
    return try base.add(x, try gatedPerceptron(normal, "\(name).ff.net"), "\(name).ff.add")
  }

  private mutating func crossAttention(_ x: Value, _ memory: Value, _ name: String, heads: Int) throws(ImportError) -> Value {
    let inner = base.outputs("\(name).to_q") ?? x.channels
    let query = try base.linear(x, "\(name).to_q", outputs: inner, bias: false)
    let key = try base.linear(memory, "\(name).to_k", outputs: inner, bias: false)
    let value = try base.linear(memory, "\(name).to_v", outputs: inner, bias: false)
    let mixed = try base.attention(query: query, key: key, value: value, heads: heads, "\(name).attention")
    return try base.linear(mixed, "\(name).to_out.0", outputs: x.channels)
  }

  /// The input of tokens that the denoiser is conditioned on.
  private mutating func contextTokens(_ width: Int) throws(ImportError) -> Value {
    if let context { return context }
    let count = try settings.integer("context_tokens", in: 1...4096, default: 77)
    let node = try base.append(.input("context"), [], "context", shape: Shape(channels: width, width: count))
    let value = Value(node: node, channels: width)
    context = value
    return value
  }

  /// Half of a layer's outputs gates the other by GELU, then a second layer (GEGLU).
  private mutating func gatedPerceptron(_ x: Value, _ name: String) throws(ImportError) -> Value {
    let total = base.outputs("\(name).0.proj") ?? 8 * x.channels, inner = total / 2
    let plain = try base.projection(x, "\(name).0.value", of: "\(name).0.proj", total: total, rows: Array(0..<inner))
    let gate = try base.projection(x, "\(name).0.gate", of: "\(name).0.proj", total: total, rows: Array(inner..<2 * inner))
    let activated = try base.activation(gate, .gelu, "\(name).0.activation")
    let product = try base.append(.multiply, [plain.node, activated.node], "\(name).0.multiply")
    return try base.linear(Value(node: product, channels: inner), "\(name).2", outputs: x.channels)
  }
}
