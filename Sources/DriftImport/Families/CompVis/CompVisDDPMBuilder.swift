import DriftGraph

/// Builds the U-Net of the PyTorch port of DDPM (`down.0.block.0.norm1`, `temb.dense.0`).
struct CompVisDDPMBuilder {
  /// A value on its way through the network.
  typealias Value = GraphBuilder.Value

  private var blocks: CompVisBlocks

  static func network(
    _ view: TensorView, size: (height: Int, width: Int), channels: Int?
  ) throws(ImportError) -> FamilyNetwork {
    let base = GraphBuilder(view, architecture: "a network of the family \(Family.ddpm.rawValue)")
    var builder = CompVisDDPMBuilder(blocks: CompVisBlocks(tree: KeyTree(view.names), base: base, time: nil, prefix: ""))
    let summary = try builder.build(size, channels)
    return FamilyNetwork(graph: try builder.blocks.base.finished(), summary: summary)
  }

  private mutating func build(_ size: (height: Int, width: Int), _ given: Int?) throws(ImportError) -> String {
    let path = blocks.base.source.path
    let shape = blocks.base.source.shape(of: "conv_in.weight") ?? []
    guard shape.count == 4, shape.allSatisfy({ (1...65_536).contains($0) }), shape[0] % 2 == 0, given == nil || given == shape[1]
    else {
      throw ImportError(path, "'conv_in.weight' has shape \(shape), expected [outputs, \(given ?? 3), 3, 3]")
    }
    let sample = try blocks.base.append(
      .sample, [], "sample", shape: Shape(channels: shape[1], height: size.height, width: size.width))
    blocks.time = try timeEmbedding(shape[0])
    var x = try blocks.base.convolution(Value(node: sample, channels: shape[1]), "conv_in", outputs: shape[0])
    var skips = [x]
    var widths: [Int] = []
    for level in blocks.tree.numbers(in: "down") {
      for index in blocks.tree.numbers(in: "down.\(level).block") {
        x = try blocks.residual(x, "down.\(level).block.\(index)")
        if blocks.tree.has("down.\(level).attn.\(index)") { x = try blocks.attention(x, "down.\(level).attn.\(index)") }
        skips.append(x)
      }
      widths.append(x.channels)
      if level != blocks.tree.numbers(in: "down").last {
        x = try reduced(x, "down.\(level).downsample")
        skips.append(x)
      }
    }
    x = try blocks.middle(x)
    for level in blocks.tree.numbers(in: "up").reversed() {
      for index in blocks.tree.numbers(in: "up.\(level).block") {
        let name = "up.\(level).block.\(index)"
        guard let skip = skips.popLast() else {
          throw ImportError(path, "has more blocks on the way up than on the way down: '\(name)' has none to be joined with")
        }
        x = try blocks.residual(try blocks.base.concatenate(x, skip, "\(name).concatenate"), name)
        if blocks.tree.has("up.\(level).attn.\(index)") { x = try blocks.attention(x, "up.\(level).attn.\(index)") }
      }
      if level > 0 { x = try blocks.enlarged(x, "up.\(level).upsample") }
    }
    guard skips.isEmpty else { throw ImportError(path, "has \(skips.count) blocks fewer on the way up than on the way down") }
    _ = try blocks.answer(x, outputs: shape[1])
    return "channels \(widths.map(String.init).joined(separator: ", "))"
  }

  private mutating func timeEmbedding(_ width: Int) throws(ImportError) -> Value {
    let timestep = try blocks.base.append(.timestep, [], "timestep")
    let sines = Operation.sinusoidalEmbedding(dimension: width, frequencyShift: 1, cosineFirst: false, maximumPeriod: 10_000)
    guard width >= 4 else { throw ImportError(blocks.base.source.path, "has \(width) channels in front, expected at least 4") }
    var x = Value(node: try blocks.base.append(sines, [timestep], "temb.sines"), channels: width)
    let inner = blocks.base.outputs("temb.dense.0") ?? 4 * width
    x = try blocks.base.activation(try blocks.base.linear(x, "temb.dense.0", outputs: inner), .silu, "temb.activation0")
    return try blocks.base.activation(try blocks.base.linear(x, "temb.dense.1", outputs: inner), .silu, "temb.activation1")
  }

  /// Half the height and width: a strided convolution that sees one row and column of zeros behind the picture, or a mean.
  private mutating func reduced(_ x: Value, _ name: String) throws(ImportError) -> Value {
    guard blocks.tree.has("\(name).conv") else { return try blocks.base.moved(x, .averagePool, name) }
    return try blocks.base.convolution(x, "\(name).conv", outputs: x.channels, stride: 2, padding: 0, paddingAfter: 1)
  }
}
