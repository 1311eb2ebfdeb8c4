import DriftGraph

/// Builds the U-Nets of openai/guided-diffusion, of its ancestor improved-diffusion, and of CompVis/latent-diffusion, which adds
/// transformers: their blocks are numbered, so that keys tell which block holds what.
struct GuidedDiffusionBuilder {
  /// A value on its way through the network.
  typealias Value = GraphBuilder.Value

  let family: Family
  let tree: KeyTree
  var base: GraphBuilder
  var settings: FamilySettings
  /// The activated embedding of timestep and class.
  var embedding = Value(node: NodeID(0), channels: 0)
  /// Tokens that cross-attention reads, once something did.
  var context: Value?
  var attentions = 0
  var transformers = 0
  /// Width of the tokens that cross-attention reads. Where it has none, the second attentions of a block read the picture as the first do,
  /// and their widths are the levels'.
  let contextWidth: Int?
  /// Whether whole residual blocks halve and double pictures.
  let hasResidualSampling: Bool
  /// Blocks of each level on the way up; one less on the way down.
  let blocksPerLevel: Int

  static let groups = 32

  private init(_ view: TensorView, _ family: Family, _ settings: FamilySettings, classCount: Int) throws(ImportError) {
    self.family = family
    self.settings = settings
    base = GraphBuilder(view, architecture: "a network of the family \(family.rawValue)", classCount: classCount)
    let tree = KeyTree(view.names)
    self.tree = tree
    let outputs = tree.numbers(in: "output_blocks"), inputs = tree.numbers(in: "input_blocks")
    func isEnlarging(_ index: Int) -> Bool {
      tree.numbers(in: "output_blocks.\(index)").contains { child in
        tree.has("output_blocks.\(index).\(child).conv") || (child > 0 && tree.has("output_blocks.\(index).\(child).in_layers"))
      }
    }
    let widths = Set(view.names.filter { $0.hasSuffix(".attn2.to_k.weight") }.compactMap { view.shape(of: $0)?.last })
    contextWidth = widths.count == 1 ? widths.first.flatMap { (1...65_536).contains($0) ? $0 : nil } : nil
    hasResidualSampling = outputs.contains { index in
      tree.numbers(in: "output_blocks.\(index)").contains { $0 > 0 && tree.has("output_blocks.\(index).\($0).in_layers") }
    }
    let count = (outputs.last ?? 0) + 1
    // Without a convolution, halving leaves a gap in the numbers of the input blocks.
    let gap = inputs.enumerated().first { $0.offset != $0.element }?.offset
    let first = outputs.first(where: isEnlarging).map { $0 + 1 } ?? gap ?? count
    blocksPerLevel = first
    guard outputs == Array(0..<count), inputs.last.map({ $0 < count }) == true, first >= 2, count % first == 0 else {
      throw ImportError(
        view.path,
        "has input blocks \(Self.listed(inputs)) and output blocks \(Self.listed(outputs)), which are not those of a \(family.rawValue) U-Net"
      )
    }
  }

  private static func listed(_ numbers: [Int]) -> String {
    numbers.isEmpty ? "none" : numbers.count < 8 ? "\(numbers)" : "\(numbers.prefix(3)) to \(numbers[numbers.count - 1])"
  }

  /// - Parameter size: height and width of a picture.
  static func network(
    _ view: TensorView, _ family: Family, _ settings: inout FamilySettings, size: (height: Int, width: Int), channels: Int?
  ) throws(ImportError) -> FamilyNetwork {
    let classes = view.shape(of: "label_emb.weight").flatMap { $0.count == 2 && $0[0] <= 65_536 ? $0[0] : nil } ?? 0
    var builder = try GuidedDiffusionBuilder(view, family, settings, classCount: classes)
    let summary = try builder.build(size, channels)
    let graph = try builder.base.finished()
    settings = builder.settings
    return FamilyNetwork(graph: graph, summary: summary)
  }

  /// The whole network; returns what it is like.
  private mutating func build(_ size: (height: Int, width: Int), _ given: Int?) throws(ImportError) -> String {
    let source = base.source
    let inputShape = source.shape(of: "input_blocks.0.0.weight") ?? []
    guard inputShape.count == 4, inputShape.allSatisfy({ (1...65_536).contains($0) }) else {
      throw ImportError(source.path, "'input_blocks.0.0.weight' has shape \(inputShape), expected [outputs, inputs, 3, 3]")
    }
    let (width, channels) = (inputShape[0], inputShape[1])
    let total = base.outputs("out.2") ?? channels
    guard total == channels || total == 2 * channels, given == nil || given == channels else {
      throw ImportError(
        source.path,
        "takes \(channels) channels and answers with \(total): a network that is told another picture beside the sample cannot be rebuilt from its keys; export it to ONNX"
      )
    }
    let sample = try base.append(.sample, [], "sample", shape: Shape(channels: channels, height: size.height, width: size.width))
    embedding = try timeEmbedding(width)

    var x = try base.convolution(Value(node: sample, channels: channels), "input_blocks.0.0", outputs: width)
    var skips = [x]
    var widths = [Int]()
    let count = tree.numbers(in: "output_blocks").count
    for index in 1..<count {
      let name = "input_blocks.\(index)"
      x = index % blocksPerLevel == 0 ? try reduced(x, name) : try block(x, name)
      skips.append(x)
      if (index + 1) % blocksPerLevel == 0 { widths.append(x.channels) }
    }
    x = try block(x, "middle_block")
    for index in 0..<count {
      let name = "output_blocks.\(index)"
      x = try base.concatenate(x, skips.removeLast(), "\(name).concatenate")
      x = try block(x, name, enlarges: (index + 1) % blocksPerLevel == 0 && index + 1 < count)
    }
    x = try base.groupNormalization(x, "out.0", groups: Self.groups, epsilon: 1e-5)
    x = try base.activation(x, .silu, "out.1")
    // With a learned variance the first half of the answer is the noise.
    x =
      total == channels
      ? try base.convolution(x, "out.2", outputs: total) : try base.leadingConvolution(x, "out.2", total: total, outputs: channels)
    let parts = [
      "channels \(widths.map(String.init).joined(separator: ", "))", "residual blocks per level: \(blocksPerLevel - 1)",
      attentions > 0 ? "attentions: \(attentions)" : nil, transformers > 0 ? "transformers: \(transformers)" : nil,
      total > channels ? "learned variance left out" : nil,
    ]
    return parts.compactMap { $0 }.joined(separator: ", ")
  }

  private mutating func timeEmbedding(_ width: Int) throws(ImportError) -> Value {
    let timestep = try base.append(.timestep, [], "timestep")
    // Of an odd width the last value is always 0.
    guard width >= 2, width % 2 == 0 else {
      throw ImportError(base.source.path, "has \(width) channels in front, expected an even number")
    }
    let sines = Operation.sinusoidalEmbedding(dimension: width, frequencyShift: 0, cosineFirst: true, maximumPeriod: 10_000)
    var x = Value(node: try base.append(sines, [timestep], "time_embed.sines"), channels: width)
    let inner = base.outputs("time_embed.0") ?? 4 * width
    x = try perceptron(x, "time_embed", outputs: inner)
    if base.has("label_emb.weight") {
      let label = try base.append(.classLabel, [], "class_label")
      let table = try base.tensor("label_emb.weight", shape: [base.graph.classCount, inner])
      let row = try base.append(.embedding(table: table), [label], "label_emb")
      x = try base.add(x, Value(node: row, channels: inner), "time_embed.add_class")
    } else if let shape = base.source.shape(of: "label_emb.0.0.weight") {
      let channels = shape.count == 2 ? max(shape[1], 1) : 1
      let vector = try base.append(.input("vector"), [], "vector", shape: Shape(channels: channels))
      let row = try perceptron(Value(node: vector, channels: channels), "label_emb.0", outputs: inner)
      x = try base.add(x, row, "time_embed.add_vector")
    }
    return try base.activation(x, .silu, "time_embed.activation")
  }

  private mutating func perceptron(_ x: Value, _ name: String, outputs: Int) throws(ImportError) -> Value {
    let hidden = try base.linear(x, "\(name).0", outputs: outputs)
    return try base.linear(try base.activation(hidden, .silu, "\(name).1"), "\(name).2", outputs: outputs)
  }
}
