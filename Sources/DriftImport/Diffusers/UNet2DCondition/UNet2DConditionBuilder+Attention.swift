import DriftGraph

extension UNet2DConditionBuilder {
  /// How attention at one place is made.
  struct AttentionChoice {
    /// Heads of a transformer.
    var heads: Int
    /// Channels of a head of the other kinds of attention.
    var headChannels: Int
    /// Layers of a transformer; nil if the configuration does not say.
    var layers: Int?
    /// The context is read instead of the pixels.
    var onlyContext: Bool
    /// What the configuration calls the layers.
    var key: String
  }

  /// Epsilon of `Attention`'s own normalizations and of layer normalizations, whatever norm_eps says.
  private static let epsilon: Float = 1e-5

  mutating func attention(
    _ x: Value, _ name: String, _ kind: UNet2DConditionConfiguration.Attention, _ choice: AttentionChoice
  ) throws(ImportError) -> Value {
    switch kind {
    case .none: return x
    case .pixels:
      return try base.pixelAttention(
        x, name, headChannels: choice.headChannels, headKey: "attention_head_dim", groups: configuration.groups,
        epsilon: configuration.epsilon)
    case .transformer: return try transformer(x, name, choice)
    case .joint: return try jointAttention(x, name, choice)
    }
  }

  /// diffusers' `Transformer2DModel`: pixels as tokens, layers between two projections, added to the input.
  private mutating func transformer(_ x: Value, _ name: String, _ choice: AttentionChoice) throws(ImportError) -> Value {
    guard let layers = choice.layers else {
      throw ImportError(configuration.path, "'\(choice.key)' has no number for '\(name)'")
    }
    let headChannels = x.channels / choice.heads
    guard headChannels > 0 else {
      throw ImportError(
        configuration.path,
        "'attention_head_dim' is \(choice.heads), which is the number of heads here and more than the \(x.channels) channels of '\(name)'"
      )
    }
    let inner = choice.heads * headChannels
    var hidden = try base.groupNormalization(x, "\(name).norm", groups: configuration.groups, epsilon: 1e-6)
    hidden = try projection(hidden, "\(name).proj_in", outputs: inner)
    for layer in 0..<layers {
      hidden = try transformerLayer(
        hidden, "\(name).transformer_blocks.\(layer)", heads: choice.heads, headChannels: headChannels,
        onlyContext: choice.onlyContext)
    }
    hidden = try projection(hidden, "\(name).proj_out", outputs: x.channels)
    return try base.add(x, hidden, "\(name).add")
  }

  private mutating func transformerLayer(
    _ x: Value, _ name: String, heads: Int, headChannels: Int, onlyContext: Bool
  ) throws(ImportError) -> Value {
    let tokens = try contextTokens(name)
    var x = x
    var hidden = try base.layerNormalization(x, "\(name).norm1", epsilon: Self.epsilon)
    hidden = try base.attention(
      hidden, over: onlyContext ? tokens : hidden, "\(name).attn1", heads: heads, headChannels: headChannels, bias: false)
    x = try base.add(x, hidden, "\(name).attn1.add")
    hidden = try base.layerNormalization(x, "\(name).norm2", epsilon: Self.epsilon)
    hidden = try base.attention(hidden, over: tokens, "\(name).attn2", heads: heads, headChannels: headChannels, bias: false)
    x = try base.add(x, hidden, "\(name).attn2.add")
    hidden = try base.layerNormalization(x, "\(name).norm3", epsilon: Self.epsilon)
    return try base.add(x, try base.gatedFeedForward(hidden, "\(name).ff"), "\(name).ff.add")
  }

  /// Attention over the context's tokens and then the pixels, each with projections of its own, added to the input.
  private mutating func jointAttention(_ x: Value, _ name: String, _ choice: AttentionChoice) throws(ImportError) -> Value {
    guard x.channels % choice.headChannels == 0 else {
      throw ImportError(
        configuration.path,
        "'attention_head_dim' is \(choice.headChannels), which does not divide the \(x.channels) channels of '\(name)'")
    }
    let tokens = try normalizedContext("\(name).norm_cross", channels: x.channels)
    let hidden = try base.groupNormalization(x, "\(name).group_norm", groups: configuration.groups, epsilon: Self.epsilon)
    let query = try base.linear(hidden, "\(name).to_q", outputs: x.channels)
    var key = try base.linear(tokens, "\(name).add_k_proj", outputs: x.channels)
    var value = try base.linear(tokens, "\(name).add_v_proj", outputs: x.channels)
    if !choice.onlyContext {
      key = try joined(key, try base.linear(hidden, "\(name).to_k", outputs: x.channels), "\(name).to_k")
      value = try joined(value, try base.linear(hidden, "\(name).to_v", outputs: x.channels), "\(name).to_v")
    }
    let mixed = try base.mixed(query, key, value, "\(name).attention", heads: x.channels / choice.headChannels)
    return try base.add(x, try base.linear(mixed, "\(name).to_out.0", outputs: x.channels), "\(name).add")
  }

  /// Pixels after tokens, as one sequence.
  private mutating func joined(_ tokens: Value, _ pixels: Value, _ name: String) throws(ImportError) -> Value {
    let count = base.shape(pixels.node).pixels
    let row = try base.append(.reshapePixels(height: 1, width: count), [pixels.node], "\(name).row")
    return Value(node: try base.append(.concatenatePixels, [tokens.node, row], "\(name).join"), channels: tokens.channels)
  }

  private mutating func normalizedContext(_ name: String, channels: Int) throws(ImportError) -> Value {
    let tokens = try contextTokens(name)
    switch configuration.contextNormalization {
    case nil: return tokens
    case .layer:
      guard channels == tokens.channels else {
        throw ImportError(
          configuration.path,
          "'cross_attention_norm' is \"layer_norm\", which diffusers makes for \(channels) channels at '\(name)', but the context has \(tokens.channels)"
        )
      }
      return try base.layerNormalization(tokens, name, epsilon: Self.epsilon)
    case .group: return try base.groupNormalization(tokens, name, groups: 32, epsilon: Self.epsilon)
    }
  }

  private func contextTokens(_ name: String) throws(ImportError) -> Value {
    guard let context else { throw ImportError(configuration.path, "'\(name)' reads a context, but the model takes none") }
    return context
  }

  /// A layer on pixels, which `use_linear_projection` stores as a linear layer, else as a 1x1 convolution.
  private mutating func projection(_ x: Value, _ name: String, outputs: Int) throws(ImportError) -> Value {
    if configuration.projectsLinearly { return try base.linear(x, name, outputs: outputs) }
    return try base.convolution(x, name, outputs: outputs, kernel: 1, padding: 0)
  }
}
