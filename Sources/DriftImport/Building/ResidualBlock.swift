import DriftGraph

/// What a residual block of diffusers' two-dimensional U-Nets is made of, besides its tensors.
struct ResidualBlock {
  /// The time embedding that the block projects.
  var time: GraphBuilder.Value
  /// Groups of both normalizations.
  var groups: Int
  var epsilon: Float
  var activation: Activation
  /// The projected embedding scales and shifts the second normalization, instead of being added in front of it.
  var modulates: Bool
  /// Halves or doubles the picture on both paths.
  var sampling: Operation?
  /// What the sum of both paths is divided by.
  var scale: Float = 1
}

extension GraphBuilder {
  /// A residual block: two normalized, activated convolutions around the time embedding, added to the input.
  mutating func residualBlock(_ x: Value, _ name: String, outputs: Int, _ block: ResidualBlock) throws(ImportError) -> Value {
    var shortcut = x
    var hidden = try groupNormalization(x, "\(name).norm1", groups: block.groups, epsilon: block.epsilon)
    hidden = try activation(hidden, block.activation, "\(name).activation1")
    if let sampling = block.sampling {
      shortcut.node = try append(sampling, [shortcut.node], "\(name).sampling_shortcut")
      hidden.node = try append(sampling, [hidden.node], "\(name).sampling")
    }
    hidden = try convolution(hidden, "\(name).conv1", outputs: outputs)
    let time = try linear(block.time, "\(name).time_emb_proj", outputs: block.modulates ? 2 * outputs : outputs)
    if !block.modulates { hidden = try add(hidden, time, "\(name).add_time") }
    hidden = try groupNormalization(hidden, "\(name).norm2", groups: block.groups, epsilon: block.epsilon)
    if block.modulates { hidden.node = try append(.modulate, [hidden.node, time.node], "\(name).modulate") }
    hidden = try activation(hidden, block.activation, "\(name).activation2")
    hidden = try convolution(hidden, "\(name).conv2", outputs: outputs)
    if shortcut.channels != outputs {
      shortcut = try convolution(shortcut, "\(name).conv_shortcut", outputs: outputs, kernel: 1, padding: 0)
    }
    hidden = try add(shortcut, hidden, "\(name).add")
    return try divided(hidden, by: block.scale, "\(name).rescale")
  }
}
