import DriftGraph

/// Builds the decoder of CompVis' autoencoders (`AutoencoderKL`, `VQModel`): from latents as they were diffused to pictures.
enum FirstStageDecoder {
  private typealias Value = GraphBuilder.Value

  /// - Parameters:
  ///   - view: tensors of `first_stage_model`, without that prefix.
  ///   - latent: shape of the diffused latents.
  ///   - factor: what latents were multiplied by before training.
  static func graph(_ view: TensorView, latent: Shape, factor: Float) throws(ImportError) -> Graph {
    let tree = KeyTree(view.names)
    var blocks = CompVisBlocks(
      tree: tree,
      base: GraphBuilder(view, architecture: "the decoder of a network of the family \(Family.latentDiffusion.rawValue)"),
      time: nil, prefix: "decoder.")
    blocks.base.ignore { name in
      ["encoder.", "quant_conv.", "loss.", "model_ema."].contains { name.hasPrefix($0) }
    }
    let sample = try blocks.base.append(.sample, [], "latent", shape: latent)
    var x = try blocks.base.divided(Value(node: sample, channels: latent.channels), by: factor, "latent.rescale")
    if let shape = view.shape(of: "quantize.embedding.weight") {
      let table = try blocks.base.tensor("quantize.embedding.weight", shape: [shape.first ?? 0, latent.channels])
      x = try blocks.base.moved(x, .nearestCode(table: table), "quantize")
    }
    if tree.has("post_quant_conv") {
      let outputs = blocks.base.outputs("post_quant_conv") ?? latent.channels
      x = try blocks.base.convolution(x, "post_quant_conv", outputs: outputs, kernel: 1, padding: 0)
    }
    x = try blocks.base.convolution(x, "decoder.conv_in", outputs: blocks.base.outputs("decoder.conv_in") ?? x.channels)
    x = try blocks.middle(x)
    for level in tree.numbers(in: "decoder.up").reversed() {
      for index in tree.numbers(in: "decoder.up.\(level).block") {
        x = try blocks.residual(x, "up.\(level).block.\(index)")
        if tree.has("decoder.up.\(level).attn.\(index)") { x = try blocks.attention(x, "up.\(level).attn.\(index)") }
      }
      if level > 0 { x = try blocks.enlarged(x, "up.\(level).upsample") }
    }
    _ = try blocks.answer(x, outputs: blocks.base.outputs("decoder.conv_out") ?? 3)
    return try blocks.base.finished()
  }
}
