import DriftGraph

extension GraphBuilder {
  /// A square convolution with a bias.
  mutating func convolution(
    _ x: Value, _ name: String, outputs: Int, kernel: Int = 3, stride: Int = 1, padding: Int = 1, paddingAfter: Int? = nil
  ) throws(ImportError) -> Value {
    let weight = try tensor("\(name).weight", shape: [outputs, x.channels, kernel, kernel])
    let bias = try tensor("\(name).bias", shape: [outputs])
    let after = paddingAfter ?? padding
    let convolution = Convolution(
      weight: weight, bias: bias, kernel: kernel, stride: stride, padTop: padding, padLeft: padding, padBottom: after,
      padRight: after)
    return Value(node: try append(.convolution(convolution), [x.node], name), channels: outputs)
  }

  /// A convolution along sequences of one row: PyTorch's `Conv1d`.
  mutating func sequenceConvolution(
    _ x: Value, _ name: String, outputs: Int, length: Int, stride: Int = 1, padding: Int, bias: Bool = true
  ) throws(ImportError) -> Value {
    let weight = try tensor("\(name).weight", shape: [outputs, x.channels, length], as: [outputs, x.channels, 1, length])
    let biasKey = bias ? try tensor("\(name).bias", shape: [outputs]) : nil
    let convolution = Convolution(
      weight: weight, bias: biasKey, length: length, stride: stride, padLeft: padding, padRight: padding)
    return Value(node: try append(.convolution(convolution), [x.node], name), channels: outputs)
  }

  /// A linear layer on vectors or tokens.
  /// - Parameters:
  ///   - older: the layer's name in checkpoints from before it was renamed.
  ///   - bias: whether it has one.
  mutating func linear(
    _ x: Value, _ name: String, older: String? = nil, outputs: Int, bias: Bool = true
  ) throws(ImportError) -> Value {
    let older = older ?? name
    let weight = try tensor(
      "\(name).weight", "\(older).weight", shape: [outputs, x.channels], as: [outputs, x.channels, 1, 1])
    let biasKey = bias ? try tensor("\(name).bias", "\(older).bias", shape: [outputs]) : nil
    return Value(node: try append(.convolution(Convolution(weight: weight, bias: biasKey)), [x.node], name), channels: outputs)
  }

  /// Group normalization with gamma and beta.
  mutating func groupNormalization(_ x: Value, _ name: String, groups: Int, epsilon: Float) throws(ImportError) -> Value {
    guard groups > 0, x.channels % groups == 0 else {
      throw ImportError(architecture, "\(groups) groups do not divide the \(x.channels) channels of '\(name)'")
    }
    let gamma = try tensor("\(name).weight", shape: [x.channels])
    let beta = try tensor("\(name).bias", shape: [x.channels])
    let operation = Operation.groupNormalization(groups: groups, epsilon: epsilon, gamma: gamma, beta: beta)
    return Value(node: try append(operation, [x.node], name), channels: x.channels)
  }

  /// Layer normalization of each pixel, with gamma and beta if `isAffine`.
  mutating func layerNormalization(_ x: Value, _ name: String, epsilon: Float, isAffine: Bool = true) throws(ImportError) -> Value {
    let gamma = isAffine ? try tensor("\(name).weight", shape: [x.channels]) : nil
    let beta = isAffine ? try tensor("\(name).bias", shape: [x.channels]) : nil
    let operation = Operation.layerNormalization(epsilon: epsilon, gamma: gamma, beta: beta)
    return Value(node: try append(operation, [x.node], name), channels: x.channels)
  }

  /// A pointwise function.
  mutating func activation(_ x: Value, _ function: Activation, _ name: String) throws(ImportError) -> Value {
    Value(node: try append(.activation(function), [x.node], name), channels: x.channels)
  }

  /// Sum of two values; the second may be a vector.
  mutating func add(_ a: Value, _ b: Value, _ name: String) throws(ImportError) -> Value {
    Value(node: try append(.add, [a.node, b.node], name), channels: a.channels)
  }

  /// Joined by channel.
  mutating func concatenate(_ a: Value, _ b: Value, _ name: String) throws(ImportError) -> Value {
    Value(node: try append(.concatenate, [a.node, b.node], name), channels: a.channels + b.channels)
  }

  /// x / divisor.
  mutating func divided(_ x: Value, by divisor: Float, _ name: String) throws(ImportError) -> Value {
    guard divisor != 1 else { return x }
    return Value(node: try append(.scale(1 / divisor), [x.node], name), channels: x.channels)
  }
}
