import DriftGraph

extension UNet2DBuilder {
  /// A residual block.
  /// - Parameters:
  ///   - sampling: halves or doubles the picture on both paths.
  ///   - scale: what the sum is divided by.
  mutating func resnet(
    _ x: Value, _ name: String, outputs: Int, sampling: Operation? = nil, scale: Float = 1
  ) throws(ImportError) -> Value {
    let block = ResidualBlock(
      time: embedding, groups: configuration.groups, epsilon: configuration.epsilon, activation: configuration.activation,
      modulates: configuration.modulation == .scaleAndShift, sampling: sampling, scale: scale)
    return try base.residualBlock(x, name, outputs: outputs, block)
  }

  /// Self-attention over pixels, added to its input.
  /// - Parameter groups: of the normalization in front; nil: there is none.
  mutating func attention(_ x: Value, _ name: String, groups: Int?, scale: Float = 1) throws(ImportError) -> Value {
    // Where the head's width does not divide the channels, diffusers projects to fewer.
    try base.pixelAttention(
      x, name, headChannels: configuration.headChannels ?? x.channels, headKey: "attention_head_dim", groups: groups,
      epsilon: configuration.epsilon, scale: scale)
  }

  mutating func normalization(_ x: Value, _ name: String, groups: Int) throws(ImportError) -> Value {
    try base.groupNormalization(x, name, groups: groups, epsilon: configuration.epsilon)
  }
}
