import DriftGraph

extension UNet2DBuilder {
  /// A residual block: two normalized, activated convolutions around the time embedding, added to the input.
  /// - Parameters:
  ///   - sampling: halves or doubles the picture on both paths.
  ///   - scale: what the sum is divided by.
  mutating func resnet(
    _ x: Value, _ name: String, outputs: Int, sampling: Operation? = nil, scale: Float = 1
  ) throws(ImportError) -> Value {
    var shortcut = x
    var hidden = try normalization(x, "\(name).norm1", groups: configuration.groups)
    hidden = try base.activation(hidden, configuration.activation, "\(name).activation1")
    if let sampling {
      shortcut.node = try base.append(sampling, [shortcut.node], "\(name).sampling_shortcut")
      hidden.node = try base.append(sampling, [hidden.node], "\(name).sampling")
    }
    hidden = try base.convolution(hidden, "\(name).conv1", outputs: outputs)
    let modulates = configuration.modulation == .scaleAndShift
    let time = try base.linear(embedding, "\(name).time_emb_proj", outputs: modulates ? 2 * outputs : outputs)
    if !modulates { hidden = try base.add(hidden, time, "\(name).add_time") }
    hidden = try normalization(hidden, "\(name).norm2", groups: configuration.groups)
    if modulates { hidden.node = try base.append(.modulate, [hidden.node, time.node], "\(name).modulate") }
    hidden = try base.activation(hidden, configuration.activation, "\(name).activation2")
    hidden = try base.convolution(hidden, "\(name).conv2", outputs: outputs)
    if shortcut.channels != outputs {
      shortcut = try base.convolution(shortcut, "\(name).conv_shortcut", outputs: outputs, kernel: 1, padding: 0)
    }
    hidden = try base.add(shortcut, hidden, "\(name).add")
    return try base.divided(hidden, by: scale, "\(name).rescale")
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
    let hidden = if let groups { try normalization(x, "\(name).group_norm", groups: groups) } else { x }
    let query = try base.linear(hidden, "\(name).to_q", older: "\(name).query", outputs: inner)
    let key = try base.linear(hidden, "\(name).to_k", older: "\(name).key", outputs: inner)
    let value = try base.linear(hidden, "\(name).to_v", older: "\(name).value", outputs: inner)
    let factor = 1 / Float(headChannels).squareRoot()
    let mixed = try base.append(
      .attention(heads: heads, factor: factor), [query.node, key.node, value.node], "\(name).attention")
    let projected = try base.linear(
      Value(node: mixed, channels: inner), "\(name).to_out.0", older: "\(name).proj_attn", outputs: x.channels)
    return try base.divided(try base.add(x, projected, "\(name).add"), by: scale, "\(name).rescale")
  }

  mutating func normalization(_ x: Value, _ name: String, groups: Int) throws(ImportError) -> Value {
    try base.groupNormalization(x, name, groups: groups, epsilon: configuration.epsilon)
  }
}
