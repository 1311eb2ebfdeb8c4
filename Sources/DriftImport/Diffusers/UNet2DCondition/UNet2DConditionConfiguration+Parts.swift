import DriftGraph

extension UNet2DConditionConfiguration {
  static func divisor(_ reader: inout ConfigReader, _ key: String) throws(ImportError) -> Float {
    let value = Float(try reader.number(key, default: 1))
    guard value.isFinite, value != 0 else { throw reader.wrong(key, expected: "a number other than 0") }
    return value
  }

  static func blocks(
    _ reader: inout ConfigReader, _ key: String, _ direction: String, _ levels: Int, default fallback: [String]
  ) throws(ImportError) -> [Block] {
    var blocks: [Block] = []
    for name in reader.has(key) ? try reader.strings(key) : fallback {
      switch name {
      case "\(direction)Block2D": blocks.append(Block(attention: .none, resnetSampling: false))
      case "Attn\(direction)Block2D": blocks.append(Block(attention: .pixels, resnetSampling: false))
      case "CrossAttn\(direction)Block2D": blocks.append(Block(attention: .transformer, resnetSampling: false))
      case "SimpleCrossAttn\(direction)Block2D": blocks.append(Block(attention: .joint, resnetSampling: true))
      case "Resnet\(direction)sampleBlock2D": blocks.append(Block(attention: .none, resnetSampling: true))
      default:
        throw ImportError(
          reader.path,
          "'\(key)' names the block \"\(name)\"; \"\(direction)Block2D\", \"Attn\(direction)Block2D\", \"CrossAttn\(direction)Block2D\", \"SimpleCrossAttn\(direction)Block2D\" and \"Resnet\(direction)sampleBlock2D\" can be converted"
        )
      }
    }
    guard blocks.count == levels else {
      throw reader.wrong(key, expected: "\(levels) blocks, as many as block_out_channels has values")
    }
    return blocks
  }

  static func midAttention(_ reader: inout ConfigReader) throws(ImportError) -> Attention? {
    switch try reader.optionalString("mid_block_type") ?? (reader.has("mid_block_type") ? nil : "UNetMidBlock2DCrossAttn") {
    case nil: return nil
    case "UNetMidBlock2DCrossAttn": return .transformer
    case "UNetMidBlock2DSimpleCrossAttn": return .joint
    case "UNetMidBlock2D": return Attention.none
    default:
      throw reader.wrong(
        "mid_block_type",
        expected: "\"UNetMidBlock2DCrossAttn\", \"UNetMidBlock2DSimpleCrossAttn\", \"UNetMidBlock2D\" or null")
    }
  }

  /// `transformer_layers_per_block` on the way down, and on the way up in the order of the up blocks.
  static func transformerLayers(
    _ reader: inout ConfigReader, _ levels: Int
  ) throws(ImportError) -> (down: [LayerRepeats], up: [LayerRepeats]) {
    let key = "transformer_layers_per_block"
    let down = try reader.optionalRepeats(key, levels: levels, in: 1...32) ?? Array(repeating: .same(1), count: levels)
    if let up = try reader.optionalRepeats("reverse_\(key)", levels: levels, in: 1...32) { return (down, up) }
    for case .each in down {
      throw reader.wrong(key, expected: "no lists inside, or reverse_\(key) for the way up")
    }
    return (down, down.reversed())
  }

  static func classEmbedding(
    _ reader: inout ConfigReader, _ labels: Int?, _ inputs: Int?
  ) throws(ImportError) -> ClassEmbedding? {
    let name = try reader.optionalString("class_embed_type")
    switch (name, inputs) {
    case (nil, _): return labels.map { .table($0) }
    case ("timestep", _): return .timestep
    case ("identity", _): return .identity
    case ("projection", let width?): return .projection(width)
    case ("simple_projection", let width?): return .simpleProjection(width)
    case ("projection", nil), ("simple_projection", nil):
      throw reader.wrong("projection_class_embeddings_input_dim", expected: "the length of the class's vector")
    default:
      throw reader.wrong(
        "class_embed_type", expected: "\"timestep\", \"identity\", \"projection\", \"simple_projection\" or null")
    }
  }

  static func addition(
    _ reader: inout ConfigReader, _ inputs: Int?, _ shift: Float, _ contextWidth: Int
  ) throws(ImportError) -> Addition? {
    let heads = try reader.integer("addition_embed_type_num_heads", in: lengths, default: 64)
    let width = try reader.optionalInteger("addition_time_embed_dim", in: lengths)
    switch try reader.optionalString("addition_embed_type") {
    case nil: return nil
    case "text":
      guard contextWidth % heads == 0 else {
        throw reader.wrong(
          "addition_embed_type_num_heads", expected: "a divisor of the context's \(contextWidth) channels")
      }
      return .text(heads: heads)
    case "text_time":
      guard let width, width >= 2, Float(width / 2) > shift else {
        throw reader.wrong("addition_time_embed_dim", expected: "an integer of at least 2, more than twice freq_shift")
      }
      guard let inputs else {
        throw reader.wrong("projection_class_embeddings_input_dim", expected: "the length of text_embeds and time_ids together")
      }
      return .textAndTime(width: width, inputs: inputs)
    default:
      throw reader.wrong(
        "addition_embed_type", expected: "\"text\", \"text_time\" or null: conditions on pictures cannot be converted")
    }
  }
}
