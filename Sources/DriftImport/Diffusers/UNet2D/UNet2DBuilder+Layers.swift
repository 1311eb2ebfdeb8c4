import DriftGraph

extension UNet2DBuilder {
  mutating func convolution(
    _ x: Value, _ name: String, outputs: Int, kernel: Int = 3, stride: Int = 1, padding: Int = 1, paddingAfter: Int? = nil
  ) throws(ImportError) -> Value {
    let weight = try tensor("\(name).weight", shape: [outputs, x.channels, kernel, kernel])
    let bias = try tensor("\(name).bias", shape: [outputs])
    let convolution = Convolution(
      weight: weight, bias: bias, kernel: kernel, stride: stride, padTop: padding, padLeft: padding,
      padBottom: paddingAfter ?? padding,
      padRight: paddingAfter ?? padding)
    return Value(node: try append(.convolution(convolution), [x.node], name), channels: outputs)
  }

  /// - Parameter older: the layer's name in checkpoints from before it was renamed.
  mutating func linear(_ x: NodeID, _ name: String, older: String? = nil, inputs: Int, outputs: Int) throws(ImportError) -> NodeID {
    let weight = try tensor("\(name).weight", "\(older ?? name).weight", shape: [outputs, inputs], linear: true)
    let bias = try tensor("\(name).bias", "\(older ?? name).bias", shape: [outputs])
    return try append(.convolution(Convolution(weight: weight, bias: bias)), [x], name)
  }

  mutating func normalization(_ x: Value, _ name: String, groups: Int) throws(ImportError) -> Value {
    guard x.channels % groups == 0 else {
      throw ImportError(configuration.path, "\(groups) groups do not divide the \(x.channels) channels of '\(name)'")
    }
    let gamma = try tensor("\(name).weight", shape: [x.channels])
    let beta = try tensor("\(name).bias", shape: [x.channels])
    let operation = Operation.groupNormalization(groups: groups, epsilon: configuration.epsilon, gamma: gamma, beta: beta)
    return Value(node: try append(operation, [x.node], name), channels: x.channels)
  }

  /// A residual block: two normalized, activated convolutions around the time embedding, added to the input.
  /// - Parameters:
  ///   - sampling: halves or doubles the picture on both paths.
  ///   - scale: what the sum is divided by.
  mutating func resnet(
    _ x: Value, _ name: String, outputs: Int, sampling: Operation? = nil, scale: Float = 1
  ) throws(ImportError) -> Value {
    let activation = Operation.activation(configuration.activation)
    var (shortcut, hidden) = (x, try normalization(x, "\(name).norm1", groups: configuration.groups))
    hidden.node = try append(activation, [hidden.node], "\(name).activation1")
    if let sampling {
      shortcut.node = try append(sampling, [shortcut.node], "\(name).sampling_shortcut")
      hidden.node = try append(sampling, [hidden.node], "\(name).sampling")
    }
    hidden = try convolution(hidden, "\(name).conv1", outputs: outputs)
    let modulates = configuration.modulation == .scaleAndShift
    let time = try linear(
      embedding, "\(name).time_emb_proj", inputs: configuration.timeEmbeddingDimension, outputs: modulates ? 2 * outputs : outputs)
    if !modulates { hidden.node = try append(.add, [hidden.node, time], "\(name).add_time") }
    hidden = try normalization(hidden, "\(name).norm2", groups: configuration.groups)
    if modulates { hidden.node = try append(.modulate, [hidden.node, time], "\(name).modulate") }
    hidden.node = try append(activation, [hidden.node], "\(name).activation2")
    hidden = try convolution(hidden, "\(name).conv2", outputs: outputs)
    if shortcut.channels != outputs {
      shortcut = try convolution(shortcut, "\(name).conv_shortcut", outputs: outputs, kernel: 1, padding: 0)
    }
    hidden.node = try append(.add, [shortcut.node, hidden.node], "\(name).add")
    return try rescaled(hidden, name, scale)
  }

  /// Self-attention over pixels, added to its input.
  /// - Parameter groups: of the normalization in front; nil: there is none.
  mutating func attention(_ x: Value, _ name: String, groups: Int?, scale: Float = 1) throws(ImportError) -> Value {
    let headChannels = configuration.headChannels ?? x.channels
    let heads = x.channels / headChannels
    guard heads > 0 else {
      throw ImportError(
        configuration.path, "'attention_head_dim' is \(headChannels), more than the \(x.channels) channels of '\(name)'")
    }
    // Where the head's width does not divide the channels, diffusers projects to fewer.
    let inner = heads * headChannels
    let hidden = if let groups { try normalization(x, "\(name).group_norm", groups: groups).node } else { x.node }
    let query = try linear(hidden, "\(name).to_q", older: "\(name).query", inputs: x.channels, outputs: inner)
    let key = try linear(hidden, "\(name).to_k", older: "\(name).key", inputs: x.channels, outputs: inner)
    let value = try linear(hidden, "\(name).to_v", older: "\(name).value", inputs: x.channels, outputs: inner)
    let factor = 1 / Float(headChannels).squareRoot()
    let mixed = try append(.attention(heads: heads, factor: factor), [query, key, value], "\(name).attention")
    let projected = try linear(mixed, "\(name).to_out.0", older: "\(name).proj_attn", inputs: inner, outputs: x.channels)
    let sum = try append(.add, [x.node, projected], "\(name).add")
    return try rescaled(Value(node: sum, channels: x.channels), name, scale)
  }

  private mutating func rescaled(_ x: Value, _ name: String, _ scale: Float) throws(ImportError) -> Value {
    guard scale != 1 else { return x }
    return Value(node: try append(.scale(1 / scale), [x.node], "\(name).rescale"), channels: x.channels)
  }
}
