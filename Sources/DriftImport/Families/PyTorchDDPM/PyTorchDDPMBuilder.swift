import DriftGraph

/// Builds the U-Net of w86763777/pytorch-ddpm, and the one with quantized ReLU that SDM makes of it before it converts to spikes.
struct PyTorchDDPMBuilder {
  /// A value on its way through the network.
  typealias Value = GraphBuilder.Value

  private let tree: KeyTree
  private var base: GraphBuilder
  /// Levels above 0 of the quantized activations; nil: they are SiLU.
  private let levels: Int?
  private var time = Value(node: NodeID(0), channels: 0)
  private var attentions = 0

  private init(_ view: TensorView, _ family: Family, levels: Int?) {
    tree = KeyTree(view.names)
    base = GraphBuilder(view, architecture: "a network of the family \(family.rawValue)")
    self.levels = levels
  }

  static func network(
    _ view: TensorView, _ family: Family, _ settings: inout FamilySettings, size: (height: Int, width: Int), channels: Int?
  ) throws(ImportError) -> FamilyNetwork {
    let bits = family == .quantizedDDPM ? try settings.integer("bits", in: 1...16, default: 3) : nil
    var builder = PyTorchDDPMBuilder(view, family, levels: bits.map { (1 << $0) - 1 })
    let summary = try builder.build(size, channels)
    return FamilyNetwork(graph: try builder.base.finished(), summary: summary)
  }

  private mutating func build(_ size: (height: Int, width: Int), _ given: Int?) throws(ImportError) -> String {
    let shape = base.source.shape(of: "head.weight") ?? []
    guard shape.count == 4, shape.allSatisfy({ (1...65_536).contains($0) }), given == nil || given == shape[1] else {
      throw ImportError(base.source.path, "'head.weight' has shape \(shape), expected [outputs, \(given ?? 3), 3, 3]")
    }
    let sample = try base.append(.sample, [], "sample", shape: Shape(channels: shape[1], height: size.height, width: size.width))
    time = try timeEmbedding()
    var x = try base.convolution(Value(node: sample, channels: shape[1]), "head", outputs: shape[0])
    var skips = [x]
    var widths: [Int] = []
    for index in tree.numbers(in: "downblocks") {
      let name = "downblocks.\(index)"
      if tree.has("\(name).main") {
        widths.append(x.channels)
        x = try base.convolution(x, "\(name).main", outputs: base.outputs("\(name).main") ?? x.channels, stride: 2)
      } else {
        x = try residual(x, name)
      }
      skips.append(x)
    }
    widths.append(x.channels)
    for index in tree.numbers(in: "middleblocks") { x = try residual(x, "middleblocks.\(index)") }
    for index in tree.numbers(in: "upblocks") {
      let name = "upblocks.\(index)"
      if tree.has("\(name).main") {
        x = try base.moved(x, .upsampleNearest, "\(name).upsample")
        x = try base.convolution(x, "\(name).main", outputs: base.outputs("\(name).main") ?? x.channels)
      } else {
        guard let skip = skips.popLast() else {
          throw ImportError(
            base.source.path, "has more blocks on the way up than on the way down: '\(name)' has none to be joined with")
        }
        x = try residual(try base.concatenate(x, skip, "\(name).concatenate"), name)
      }
    }
    guard skips.isEmpty else {
      throw ImportError(base.source.path, "has \(skips.count) blocks fewer on the way up than on the way down")
    }
    x = try base.groupNormalization(x, "tail.0", groups: 32, epsilon: 1e-5)
    x = try activation(x, "tail.1")
    _ = try base.convolution(x, "tail.2", outputs: shape[1])
    return "channels \(widths.map(String.init).joined(separator: ", "))" + (attentions > 0 ? ", attentions: \(attentions)" : "")
  }

  private mutating func timeEmbedding() throws(ImportError) -> Value {
    let name = "time_embedding.timembedding"
    let row = try base.timestepTable("\(name).0.weight")
    let width = base.outputs("\(name).1") ?? 4 * row.channels
    let hidden = try activation(try base.linear(row, "\(name).1", outputs: width), "\(name).2")
    return try base.linear(hidden, "\(name).3", outputs: width)
  }

  private mutating func residual(_ x: Value, _ name: String) throws(ImportError) -> Value {
    let outputs = base.outputs("\(name).block1.2") ?? x.channels
    var hidden = try base.groupNormalization(x, "\(name).block1.0", groups: 32, epsilon: 1e-5)
    hidden = try base.convolution(try activation(hidden, "\(name).block1.1"), "\(name).block1.2", outputs: outputs)
    let shift = try base.linear(try activation(time, "\(name).temb_proj.0"), "\(name).temb_proj.1", outputs: outputs)
    hidden = try base.add(hidden, shift, "\(name).add_time")
    hidden = try base.groupNormalization(hidden, "\(name).block2.0", groups: 32, epsilon: 1e-5)
    hidden = try base.convolution(try activation(hidden, "\(name).block2.1"), "\(name).block2.3", outputs: outputs)
    let hasShortcut = base.has("\(name).shortcut.weight") || x.channels != outputs
    let shortcut = hasShortcut ? try base.convolution(x, "\(name).shortcut", outputs: outputs, kernel: 1, padding: 0) : x
    let sum = try base.add(hidden, shortcut, "\(name).add")
    return tree.has("\(name).attn") ? try attention(sum, "\(name).attn") : sum
  }

  private mutating func attention(_ x: Value, _ name: String) throws(ImportError) -> Value {
    attentions += 1
    let normal = try base.groupNormalization(x, "\(name).group_norm", groups: 32, epsilon: 1e-5)
    let query = try base.projection(normal, "\(name).proj_q", outputs: x.channels)
    let key = try base.projection(normal, "\(name).proj_k", outputs: x.channels)
    let value = try base.projection(normal, "\(name).proj_v", outputs: x.channels)
    let mixed = try base.attention(query: query, key: key, value: value, heads: 1, "\(name).attention")
    return try base.add(x, try base.projection(mixed, "\(name).proj", outputs: x.channels), "\(name).add")
  }

  /// SiLU, or ReLU in levels up to the range that the checkpoint holds.
  private mutating func activation(_ x: Value, _ name: String) throws(ImportError) -> Value {
    guard let levels else { return try base.activation(x, .silu, name) }
    return try base.quantizedActivation(x, name, levels: levels)
  }
}
