import DriftGraph

/// Blocks that the PyTorch port of DDPM and the autoencoders of latent diffusion share.
struct CompVisBlocks {
  /// A value on its way through the network.
  typealias Value = GraphBuilder.Value

  let tree: KeyTree
  var base: GraphBuilder
  /// The activated embedding of the timestep; nil in autoencoders.
  var time: Value?
  /// What names of the tensors begin with.
  let prefix: String

  static let groups = 32
  static let epsilon: Float = 1e-6

  func name(_ module: String) -> String { prefix + module }

  mutating func residual(_ x: Value, _ module: String) throws(ImportError) -> Value {
    let name = name(module)
    let outputs = base.outputs("\(name).conv1") ?? x.channels
    var hidden = try normalization(x, "\(module).norm1")
    hidden = try base.activation(hidden, .silu, "\(name).activation1")
    hidden = try base.convolution(hidden, "\(name).conv1", outputs: outputs)
    if let time {
      hidden = try base.add(hidden, try base.linear(time, "\(name).temb_proj", outputs: outputs), "\(name).add_time")
    }
    hidden = try normalization(hidden, "\(module).norm2")
    hidden = try base.activation(hidden, .silu, "\(name).activation2")
    hidden = try base.convolution(hidden, "\(name).conv2", outputs: outputs)
    var shortcut = x
    if tree.has("\(name).conv_shortcut") {
      shortcut = try base.convolution(x, "\(name).conv_shortcut", outputs: outputs)
    } else if x.channels != outputs || tree.has("\(name).nin_shortcut") {
      shortcut = try base.convolution(x, "\(name).nin_shortcut", outputs: outputs, kernel: 1, padding: 0)
    }
    return try base.add(shortcut, hidden, "\(name).add")
  }

  mutating func attention(_ x: Value, _ module: String) throws(ImportError) -> Value {
    let name = name(module)
    let normal = try normalization(x, "\(module).norm")
    let query = try base.projection(normal, "\(name).q", outputs: x.channels)
    let key = try base.projection(normal, "\(name).k", outputs: x.channels)
    let value = try base.projection(normal, "\(name).v", outputs: x.channels)
    let mixed = try base.attention(query: query, key: key, value: value, heads: 1, "\(name).attention")
    return try base.add(x, try base.projection(mixed, "\(name).proj_out", outputs: x.channels), "\(name).add")
  }

  /// Residual block, attention if the keys have it, residual block.
  mutating func middle(_ x: Value) throws(ImportError) -> Value {
    var x = try residual(x, "mid.block_1")
    if tree.has(name("mid.attn_1")) { x = try attention(x, "mid.attn_1") }
    return try residual(x, "mid.block_2")
  }

  /// Twice the height and width, with a convolution if the keys have one.
  mutating func enlarged(_ x: Value, _ module: String) throws(ImportError) -> Value {
    let x = try base.moved(x, .upsampleNearest, "\(name(module)).upsample")
    return tree.has("\(name(module)).conv") ? try base.convolution(x, "\(name(module)).conv", outputs: x.channels) : x
  }

  /// Normalized and activated, then the last convolution.
  mutating func answer(_ x: Value, outputs: Int) throws(ImportError) -> Value {
    let normal = try normalization(x, "norm_out")
    return try base.convolution(try base.activation(normal, .silu, name("activation_out")), name("conv_out"), outputs: outputs)
  }

  mutating func normalization(_ x: Value, _ module: String) throws(ImportError) -> Value {
    try base.groupNormalization(x, name(module), groups: Self.groups, epsilon: Self.epsilon)
  }
}
