import DriftGraph

extension UNet1DBuilder {
  /// A level on the way down; its result, in front of halving where residual blocks halve, is joined in on the way up.
  mutating func down(
    _ x: Value, _ name: String, _ block: UNet1DConfiguration.Block, outputs: Int, isHalved: Bool, _ skips: inout [Value]
  ) throws(ImportError) -> Value {
    var x = x
    switch block {
    case .outer:
      let width = base.shape(x.node).width
      let repeated = try base.append(.broadcast(height: 1, width: width), [time.node], "\(name).time")
      x = try base.concatenate(x, Value(node: repeated, channels: time.channels), "\(name).join_time")
      x = try convolutions(x, name, inner: outputs, outputs: outputs, attention: false)
    case .convolutions(let attention):
      x = try halved(x, "\(name).down")
      x = try convolutions(x, name, inner: outputs, outputs: outputs, attention: attention)
    case .temporal:
      x = try temporalBlocks(x, name, outputs: outputs)
      skips.append(x)
      guard isHalved else { return x }
      return try base.sequenceConvolution(x, "\(name).downsample.conv", outputs: outputs, length: 3, stride: 2, padding: 1)
    }
    skips.append(x)
    return x
  }

  /// The middle block.
  mutating func middle(_ x: Value) throws(ImportError) -> Value {
    let name = "mid_block"
    switch configuration.middle {
    case .convolutions:
      var hidden = try halved(x, "\(name).down")
      hidden = try convolutions(hidden, name, inner: x.channels, outputs: x.channels, attention: true, count: 6)
      return try doubled(hidden, "\(name).up")
    case .temporal(let isHalved):
      let hidden = try temporalBlocks(x, name, outputs: x.channels)
      guard isHalved else { return hidden }
      return try base.sequenceConvolution(hidden, "\(name).downsample.conv", outputs: x.channels, length: 3, stride: 2, padding: 1)
    }
  }

  /// A level on the way up.
  mutating func up(
    _ x: Value, _ name: String, _ block: UNet1DConfiguration.Block, outputs: Int, isDoubled: Bool, skip: Value
  ) throws(ImportError) -> Value {
    guard skip.channels == x.channels else {
      throw ImportError(
        configuration.path,
        "'block_out_channels' gives '\(name)' \(x.channels) channels to join with \(skip.channels); diffusers needs as many of both"
      )
    }
    let joined = try base.concatenate(x, skip, "\(name).concatenate")
    switch block {
    case .outer:
      return try convolutions(joined, name, inner: x.channels, outputs: outputs, attention: false, isLast: true)
    case .convolutions(let attention):
      let hidden = try convolutions(
        joined, name, inner: attention ? outputs : x.channels, outputs: outputs, attention: attention)
      return try doubled(hidden, "\(name).up")
    case .temporal:
      let hidden = try temporalBlocks(joined, name, outputs: outputs)
      guard isDoubled else { return hidden }
      let weight = try base.tensor(
        "\(name).upsample.conv.weight", shape: [outputs, outputs, 4], as: [outputs, outputs, 1, 4])
      let bias = try base.tensor("\(name).upsample.conv.bias", shape: [outputs])
      let convolution = TransposedConvolution(
        weight: weight, bias: bias, kernelHeight: 1, kernelWidth: 4, stride: 2, padTop: 0, padLeft: 1, height: 1,
        width: 2 * base.shape(hidden.node).width)
      return Value(
        node: try base.append(.transposedConvolution(convolution), [hidden.node], "\(name).upsample.conv"), channels: outputs)
    }
  }

  // MARK: - Convolutions

  /// Blocks of two convolutions, each followed by self-attention if so.
  private mutating func convolutions(
    _ x: Value, _ name: String, inner: Int, outputs: Int, attention: Bool, count: Int = 3, isLast: Bool = false
  ) throws(ImportError) -> Value {
    var x = x
    for index in 0..<count {
      let isEnd = index == count - 1
      x = try convolutionBlock(
        x, "\(name).resnets.\(index)", inner: inner, outputs: isEnd ? outputs : inner, isLast: isEnd && isLast)
      if attention { x = try selfAttention(x, "\(name).attentions.\(index)") }
    }
    return x
  }

  private mutating func convolutionBlock(
    _ x: Value, _ name: String, inner: Int, outputs: Int, isLast: Bool
  ) throws(ImportError) -> Value {
    var shortcut = x
    if x.channels != outputs {
      shortcut = try base.sequenceConvolution(x, "\(name).conv_skip", outputs: outputs, length: 1, padding: 0, bias: false)
    }
    var hidden = try base.sequenceConvolution(x, "\(name).conv_1", outputs: inner, length: 5, padding: 2)
    hidden = try base.groupNormalization(hidden, "\(name).group_norm_1", groups: 1, epsilon: Self.epsilon)
    hidden = try base.activation(hidden, .gelu, "\(name).gelu_1")
    hidden = try base.sequenceConvolution(hidden, "\(name).conv_2", outputs: outputs, length: 5, padding: 2)
    if !isLast {
      hidden = try base.groupNormalization(hidden, "\(name).group_norm_2", groups: 1, epsilon: Self.epsilon)
      hidden = try base.activation(hidden, .gelu, "\(name).gelu_2")
    }
    return try base.add(hidden, shortcut, "\(name).add")
  }

  /// Self-attention over the signal with a head for every 32 channels, added to its input.
  private mutating func selfAttention(_ x: Value, _ name: String) throws(ImportError) -> Value {
    let heads = x.channels / 32
    guard heads > 0, x.channels % heads == 0 else {
      throw ImportError(
        configuration.path,
        "'block_out_channels' gives '\(name)' \(x.channels) channels, which do not divide into a head for every 32")
    }
    let hidden = try base.groupNormalization(x, "\(name).group_norm", groups: 1, epsilon: Self.epsilon)
    let query = try base.linear(hidden, "\(name).query", outputs: x.channels)
    let key = try base.linear(hidden, "\(name).key", outputs: x.channels)
    let value = try base.linear(hidden, "\(name).value", outputs: x.channels)
    let mixed = try base.mixed(query, key, value, "\(name).attention", heads: heads)
    return try base.add(try base.linear(mixed, "\(name).proj_attn", outputs: x.channels), x, "\(name).add")
  }

  // MARK: - Residual blocks that project the time embedding

  private mutating func temporalBlocks(_ x: Value, _ name: String, outputs: Int) throws(ImportError) -> Value {
    var x = x
    for layer in 0...configuration.layersPerBlock { x = try temporalBlock(x, "\(name).resnets.\(layer)", outputs: outputs) }
    return x
  }

  private mutating func temporalBlock(_ x: Value, _ name: String, outputs: Int) throws(ImportError) -> Value {
    var hidden = try normalizedConvolution(x, "\(name).conv_in", outputs: outputs)
    let activated = try base.activation(time, .mish, "\(name).time_emb_act")
    hidden = try base.add(hidden, try base.linear(activated, "\(name).time_emb", outputs: outputs), "\(name).add_time")
    hidden = try normalizedConvolution(hidden, "\(name).conv_out", outputs: outputs)
    var shortcut = x
    if x.channels != outputs {
      shortcut = try base.sequenceConvolution(x, "\(name).residual_conv", outputs: outputs, length: 1, padding: 0)
    }
    return try base.add(hidden, shortcut, "\(name).add")
  }

  private mutating func normalizedConvolution(_ x: Value, _ name: String, outputs: Int) throws(ImportError) -> Value {
    let hidden = try base.sequenceConvolution(x, "\(name).conv1d", outputs: outputs, length: 5, padding: 2)
    let normalized = try base.groupNormalization(hidden, "\(name).group_norm", groups: 8, epsilon: Self.epsilon)
    return try base.activation(normalized, .mish, "\(name).mish")
  }

  // MARK: - Cubic filters

  /// Half the length: a filter of eight taps over the mirrored signal.
  private mutating func halved(_ x: Value, _ name: String) throws(ImportError) -> Value {
    let padded = try mirrored(x, left: 3, right: 3, "\(name).pad")
    return try filtered(padded, name, as: name, taps: Array(0..<8), stride: 2)
  }

  /// Twice the length: a transposed convolution of eight taps, of which four meet each even and four each odd place. The two are laid
  /// into two rows and read by columns.
  private mutating func doubled(_ x: Value, _ name: String) throws(ImportError) -> Value {
    let even = try filtered(
      try mirrored(x, left: 2, right: 1, "\(name).even.pad"), name, as: "\(name).even", taps: [7, 5, 3, 1], stride: 1)
    let odd = try filtered(
      try mirrored(x, left: 1, right: 2, "\(name).odd.pad"), name, as: "\(name).odd", taps: [6, 4, 2, 0], stride: 1)
    let length = base.shape(even.node).width
    let both = try base.append(.concatenatePixels, [even.node, odd.node], "\(name).join")
    let rows = try base.append(.reshapePixels(height: 2, width: length), [both], "\(name).rows")
    let columns = try base.append(.transposePixels, [rows], "\(name).columns")
    return Value(node: try base.append(.reshapePixels(height: 1, width: 2 * length), [columns], name), channels: x.channels)
  }

  private mutating func mirrored(_ x: Value, left: Int, right: Int, _ name: String) throws(ImportError) -> Value {
    let padding = Padding(mode: .reflect, top: 0, left: left, bottom: 0, right: right)
    return Value(node: try base.append(.pad(padding), [x.node], name), channels: x.channels)
  }

  /// The same filter for all channels, made of some taps of the stored kernel.
  private mutating func filtered(
    _ x: Value, _ name: String, as key: String, taps: [Int], stride: Int
  ) throws(ImportError) -> Value {
    let channels = x.channels
    let weight = try base.tensor("\(name).kernel", shape: [8], storedAs: "\(key).weight") { kernel in
      let values = taps.map { kernel.values[$0] }
      return Parameter(shape: [channels, 1, 1, taps.count], values: Array(repeatElement(values, count: channels).joined()))
    }
    let convolution = Convolution(weight: weight, bias: nil, length: taps.count, stride: stride)
    return Value(node: try base.append(.depthwise(convolution), [x.node], "\(key).filter"), channels: channels)
  }
}
