import DriftGraph

extension GuidedDiffusionBuilder {
  /// The layers of a numbered block, one after the other: residual blocks, attention, transformers, enlargement.
  mutating func block(_ x: Value, _ name: String, enlarges: Bool = false) throws(ImportError) -> Value {
    var (x, isEnlarged) = (x, false)
    let children = tree.numbers(in: name)
    guard !children.isEmpty else { throw ImportError(base.source.path, "has no tensors of '\(name)', expected a block of layers") }
    for child in children {
      let layer = "\(name).\(child)"
      if tree.has("\(layer).in_layers") {
        let isSampling = enlarges && hasResidualSampling && child == children.last && child > 0
        x = try residual(x, layer, sampling: isSampling ? .upsampleNearest : nil)
        isEnlarged = isEnlarged || isSampling
      } else if tree.has("\(layer).transformer_blocks") {
        x = try transformer(x, layer)
      } else if tree.has("\(layer).qkv") {
        x = try selfAttention(x, layer)
      } else if tree.has("\(layer).conv") {
        let enlarged = try base.moved(x, .upsampleNearest, "\(layer).upsample")
        x = try base.convolution(enlarged, "\(layer).conv", outputs: base.outputs("\(layer).conv") ?? x.channels)
        isEnlarged = true
      }
    }
    guard enlarges, !isEnlarged else { return x }
    return try base.moved(x, .upsampleNearest, "\(name).upsample")
  }

  /// Half the height and width: a strided convolution, a residual block or, without keys, a mean.
  mutating func reduced(_ x: Value, _ name: String) throws(ImportError) -> Value {
    if tree.has("\(name).0.op") {
      return try base.convolution(x, "\(name).0.op", outputs: base.outputs("\(name).0.op") ?? x.channels, stride: 2)
    }
    if tree.has("\(name).0.in_layers") { return try residual(x, "\(name).0", sampling: .averagePool) }
    return try base.moved(x, .averagePool, "\(name).0.op")
  }

  /// A residual block; a `sampling` acts on both paths, on the long one behind its first activation.
  private mutating func residual(_ x: Value, _ name: String, sampling: Operation?) throws(ImportError) -> Value {
    let outputs = base.outputs("\(name).in_layers.2") ?? x.channels
    var shortcut = x
    var hidden = try base.groupNormalization(x, "\(name).in_layers.0", groups: Self.groups, epsilon: 1e-5)
    hidden = try base.activation(hidden, .silu, "\(name).in_layers.1")
    if let sampling {
      hidden = try base.moved(hidden, sampling, "\(name).h_upd")
      shortcut = try base.moved(shortcut, sampling, "\(name).x_upd")
    }
    hidden = try base.convolution(hidden, "\(name).in_layers.2", outputs: outputs)
    let modulates = base.outputs("\(name).emb_layers.1") == 2 * outputs
    let time = try base.linear(embedding, "\(name).emb_layers.1", outputs: modulates ? 2 * outputs : outputs)
    if !modulates { hidden = try base.add(hidden, time, "\(name).add_embedding") }
    hidden = try base.groupNormalization(hidden, "\(name).out_layers.0", groups: Self.groups, epsilon: 1e-5)
    if modulates { hidden.node = try base.append(.modulate, [hidden.node, time.node], "\(name).modulate") }
    hidden = try base.activation(hidden, .silu, "\(name).out_layers.1")
    hidden = try base.convolution(hidden, "\(name).out_layers.3", outputs: outputs)
    if let shape = base.source.shape(of: "\(name).skip_connection.weight") {
      let isWide = shape.last == 3
      shortcut = try base.convolution(
        shortcut, "\(name).skip_connection", outputs: outputs, kernel: isWide ? 3 : 1, padding: isWide ? 1 : 0)
    }
    return try base.add(shortcut, hidden, "\(name).add")
  }

  /// Attention of pixels whose queries, keys and values come from one layer.
  private mutating func selfAttention(_ x: Value, _ name: String) throws(ImportError) -> Value {
    attentions += 1
    let (channels, heads) = (x.channels, try heads(x.channels, name))
    let normal = try base.groupNormalization(x, "\(name).norm", groups: Self.groups, epsilon: 1e-5)
    let isLegacy = heads == 1 ? true : try settings.word("attention_order", of: ["legacy", "new"]) == "legacy"
    let width = channels / heads
    /// Rows of the layer that make the queries (0), keys (1) or values (2).
    func rows(_ part: Int) -> [Int] {
      guard isLegacy else { return Array(part * channels..<(part + 1) * channels) }
      return (0..<heads).flatMap { head in
        let first = (3 * head + part) * width
        return Array(first..<first + width)
      }
    }
    let query = try base.projection(normal, "\(name).q", of: "\(name).qkv", total: 3 * channels, rows: rows(0))
    let key = try base.projection(normal, "\(name).k", of: "\(name).qkv", total: 3 * channels, rows: rows(1))
    let value = try base.projection(normal, "\(name).v", of: "\(name).qkv", total: 3 * channels, rows: rows(2))
    let mixed = try base.attention(query: query, key: key, value: value, heads: heads, "\(name).attention")
    return try base.add(x, try base.projection(mixed, "\(name).proj_out", outputs: channels), "\(name).add")
  }

  /// Heads of an attention on some channels: not in the file, so given or assumed.
  ///
  /// Networks whose residual blocks halve and double pictures were published with heads of 64 channels, as were transformers with linear
  /// projections around them (Stable Diffusion 2 and XL); the others with four heads, with transformers eight.
  func defaultHeads(_ name: String) -> (key: String, value: Int) {
    let isTransformer = tree.has("\(name).transformer_blocks")
    if isTransformer ? base.source.shape(of: "\(name).proj_in.weight")?.count == 2 : hasResidualSampling {
      return ("head_channels", 64)
    }
    return ("heads", isTransformer ? 8 : 4)
  }

  mutating func heads(_ channels: Int, _ name: String) throws(ImportError) -> Int {
    let fallback = defaultHeads(name)
    let isByWidth = settings.isGiven("head_channels") || (!settings.isGiven("heads") && fallback.key == "head_channels")
    let number = try settings.integer(isByWidth ? "head_channels" : "heads", in: 1...65_536, default: fallback.value)
    let heads = isByWidth ? channels / number : number
    guard heads > 0, channels % heads == 0, !isByWidth || channels % number == 0 else {
      throw ImportError(
        base.source.path,
        "the \(channels) channels of '\(name)' do not divide into \(isByWidth ? "heads of \(number) channels" : "\(number) heads"); say how many there are with --architecture-option heads=N or head_channels=N"
      )
    }
    return heads
  }
}
