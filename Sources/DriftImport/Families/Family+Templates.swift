extension Family {
  /// How the family's keys look.
  var templates: [KeyTemplate] {
    switch self {
    case .guidedDiffusion: Self.guided
    case .latentDiffusion: Self.guided + Self.transformers
    case .pytorchDDPM: Self.ddpmPort
    case .ddpm: Self.compVis
    case .sddpm: Self.spiking
    case .quantizedDDPM: Self.quantized
    case .diffusers: Self.diffusersKeys
    }
  }

  private static func templates(_ texts: [String]) -> [KeyTemplate] { texts.map(KeyTemplate.init) }

  private static let guided = templates(
    [
      "time_embed.0|2.*", "label_emb.weight", "input_blocks.0.0.*", "input_blocks.#.0.op.*", "output_blocks.#.#.conv.*",
      "out.0|2.*",
    ]
      + ["input_blocks|output_blocks.#.#", "middle_block.#"].flatMap { block in
        ["in_layers.0|2", "emb_layers.1", "out_layers.0|3", "skip_connection", "norm", "qkv", "proj_out"].map { "\(block).\($0).*" }
      })

  private static let transformers = templates(
    ["label_emb.0.0|2.*"]
      + ["input_blocks|output_blocks.#.#", "middle_block.#"].flatMap { block in
        [
          "proj_in.*", "transformer_blocks.#.attn1|attn2.to_q|to_k|to_v.weight", "transformer_blocks.#.attn1|attn2.to_out.0.*",
          "transformer_blocks.#.ff.net.0.proj.*", "transformer_blocks.#.ff.net.2.*", "transformer_blocks.#.norm1|norm2|norm3.*",
        ].map { "\(block).\($0)" }
      })

  private static let ddpmPort = templates(
    [
      "time_embedding.timembedding.0.weight", "time_embedding.timembedding.1|3.*", "head.*", "downblocks|upblocks.#.main.*",
      "tail.0|2.*",
    ]
      + ["block1.0|2.*", "temb_proj.1.*", "block2.0|3.*", "shortcut.*", "attn.group_norm|proj_q|proj_k|proj_v|proj.*"].map {
        "downblocks|middleblocks|upblocks.#.\($0)"
      })

  private static let quantized = templates(
    [
      "time_embedding.timembedding.0.weight", "time_embedding.timembedding.1|3.*", "time_embedding.timembedding.2.act_alpha",
      "head.*",
      "downblocks|upblocks.#.main.*", "tail.0|2.*", "tail.1.act_alpha",
    ]
      + ["block1.0|2.*", "block1|block2.1.act_alpha", "temb_proj.0.act_alpha", "temb_proj.1.*", "block2.0|3.*", "shortcut.*"].map {
        "downblocks|middleblocks|upblocks.#.\($0)"
      })

  private static let compVis = templates(
    [
      "temb.dense.0|1.*", "conv_in|norm_out|conv_out.*", "down|up.#.attn.#.norm|q|k|v|proj_out.*", "down.#.downsample.conv.*",
      "up.#.upsample.conv.*", "mid.attn_1.norm|q|k|v|proj_out.*",
    ]
      + ["down|up.#.block.#", "mid.block_1|block_2"].map {
        "\($0).norm1|conv1|temb_proj|norm2|conv2|nin_shortcut|conv_shortcut.*"
      })

  private static let spiking: [KeyTemplate] = {
    let normalization = "weight|bias|running_mean|running_var|num_batches_tracked"
    let convolution = ["*", "tsmconv.*", "tsmp"]
    return templates(
      ["time_embedding.timembedding.0.weight", "time_embedding.timembedding.1|3.*", "T_output_layer.*"]
        + convolution.map { "conv|conv_identity|tail_conv.\($0)" }
        + ["bn|bn_identity|tail_bn|last_bn.\(normalization)", "downblocks|upblocks.#.bn.\(normalization)"]
        + convolution.map { "downblocks|upblocks.#.conv.\($0)" }
        + ["downblocks|middleblocks|upblocks.#.temb_proj.1.*", "downblocks|middleblocks|upblocks.#.bn1|bn2.\(normalization)"]
        + convolution.map { "downblocks|middleblocks|upblocks.#.conv1|conv2|shortcut.\($0)" })
  }()

  private static let diffusersKeys = templates(
    ["conv_in|conv_norm_out|conv_out.*", "time_proj.weight", "time_embedding.linear_1|linear_2.*", "class_embedding.weight"]
      + ["down_blocks|up_blocks.#", "mid_block"].flatMap { block in
        [
          "resnets.#.norm1|conv1|time_emb_proj|norm2|conv2|conv_shortcut.*",
          "attentions.#.group_norm|to_q|to_k|to_v|query|key|value|proj_attn.*", "attentions.#.to_out.0.*",
          "downsamplers|upsamplers.#.conv|norm1|conv1|time_emb_proj|norm2|conv2|conv_shortcut.*",
        ].map { "\(block).\($0)" }
      })
}
