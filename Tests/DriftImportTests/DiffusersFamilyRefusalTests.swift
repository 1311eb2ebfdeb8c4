import DriftGraph
import DriftImport
import Testing

/// Options of the conditioned and one-dimensional U-Nets that cannot be converted: each is refused by key and value.
@Suite struct DiffusersFamilyRefusalTests {
  typealias Change = ConfigurationErrorTests.Change

  private func expectRefusal(_ name: String, _ change: Change) throws {
    let folder = try TemporaryFolder(copyOf: Fixtures.family(name))
    try folder.write("schedule.json", #"{"process": "beta"}"#)
    try folder.setText(change.key, change.json, in: "config.json")
    #expect { try Checkpoint.load(path: folder.path) } throws: { error in
      error is ImportError && (["config.json"] + change.names).allSatisfy { "\(error)".contains($0) }
    }
  }

  @Test(arguments: [
    Change("dual_cross_attention", "true", "dual_cross_attention", "true"),
    Change("attention_type", "\"gated\"", "attention_type", "gated"),
    Change("num_attention_heads", "8", "num_attention_heads", "8", "attention_head_dim"),
    Change("attention_head_dim", "null", "attention_head_dim", "null"),
    Change("attention_head_dim", "[2]", "attention_head_dim", "[2]"),
    Change("attention_head_dim", "64", "attention_head_dim", "64", "number of heads"),
    Change("down_block_types", "[\"KDownBlock2D\", \"DownBlock2D\"]", "down_block_types", "KDownBlock2D"),
    Change("down_block_types", "[\"DownBlock2D\"]", "down_block_types", "2 blocks"),
    Change("up_block_types", "[\"SkipUpBlock2D\", \"UpBlock2D\"]", "up_block_types", "SkipUpBlock2D"),
    Change("mid_block_type", "\"MidBlock\"", "mid_block_type", "MidBlock"),
    Change("only_cross_attention", "[true]", "only_cross_attention"),
    Change("cross_attention_dim", "[6, 8]", "cross_attention_dim", "same context"),
    Change("cross_attention_dim", "null", "cross_attention_dim", "null"),
    Change("cross_attention_norm", "\"batch\"", "cross_attention_norm", "batch"),
    Change("transformer_layers_per_block", "[[1], [1]]", "transformer_layers_per_block", "reverse_transformer_layers_per_block"),
    Change("transformer_layers_per_block", "\"1\"", "transformer_layers_per_block"),
    Change("transformer_layers_per_block", "0", "transformer_layers_per_block", "0"),
    Change(
      "reverse_transformer_layers_per_block", "[[1], [1]]", "reverse_transformer_layers_per_block", "up_blocks.1.attentions.1"),
    Change("layers_per_block", "[1, 2, 3]", "layers_per_block"),
    Change("layers_per_block", "1000000", "layers_per_block"),
    Change("class_embed_type", "\"timestep\"", "class_embed_type", "num_class_embeds"),
    Change("class_embed_type", "\"projection\"", "projection_class_embeddings_input_dim"),
    Change("class_embed_type", "\"image\"", "class_embed_type", "image"),
    Change("class_embeddings_concat", "true", "class_embeddings_concat"),
    Change("addition_embed_type", "\"image\"", "addition_embed_type", "image"),
    Change("addition_embed_type", "\"text_image\"", "addition_embed_type", "text_image"),
    Change("addition_embed_type", "\"image_hint\"", "addition_embed_type", "image_hint"),
    Change("addition_embed_type", "\"text\"", "addition_embed_type_num_heads", "64"),
    Change("addition_embed_type", "\"text_time\"", "addition_time_embed_dim"),
    Change("encoder_hid_dim_type", "\"image_proj\"", "encoder_hid_dim_type", "image_proj"),
    Change("encoder_hid_dim_type", "\"ip_image_proj\"", "encoder_hid_dim_type", "ip_image_proj"),
    Change("encoder_hid_dim_type", "\"text_proj\"", "encoder_hid_dim_type", "encoder_hid_dim"),
    Change("time_embedding_type", "\"learned\"", "time_embedding_type", "learned"),
    Change("time_embedding_act_fn", "\"tanh\"", "time_embedding_act_fn", "tanh"),
    Change("timestep_post_act", "\"tanh\"", "timestep_post_act", "tanh"),
    Change("freq_shift", "2", "freq_shift", "2"),
    Change("resnet_time_scale_shift", "\"ada_group\"", "resnet_time_scale_shift", "ada_group"),
    Change("resnet_out_scale_factor", "0", "resnet_out_scale_factor", "0"),
    Change("mid_block_scale_factor", "0", "mid_block_scale_factor", "0"),
    Change("conv_in_kernel", "4", "conv_in_kernel", "4"),
    Change("conv_out_kernel", "2", "conv_out_kernel", "2"),
    Change("norm_num_groups", "null", "norm_num_groups", "null"),
    Change("out_channels", "7", "out_channels", "7", "in_channels"),
    Change("in_channels", "2000", "conv_in.weight", "2000"),
    Change("sample_size", "null", "sample_size", "schedule.json"),
    Change("sample_size", "[8]", "sample_size", "[8]"),
    Change("use_bias", "true", "use_bias", "true"),
  ])
  func `an option of a conditioned U-Net that cannot be converted is refused by key and value`(_ change: Change) throws {
    try expectRefusal("unet-condition-sd1", change)
  }

  @Test(arguments: [
    Change("attention_head_dim", "3", "attention_head_dim", "3", "does not divide"),
    Change("cross_attention_norm", "\"layer_norm\"", "cross_attention_norm", "the context has 6"),
    Change("cross_attention_norm", "\"group_norm\"", "32 groups"),
  ])
  func `an option of attention over context and pixels is refused by key and value`(_ change: Change) throws {
    try expectRefusal("unet-condition-simple-cross", change)
  }

  @Test(arguments: [
    Change("projection_class_embeddings_input_dim", "24", "projection_class_embeddings_input_dim", "24"),
    Change("projection_class_embeddings_input_dim", "31", "add_embedding.linear_1.weight", "[8, 31]"),
    Change("addition_time_embed_dim", "1", "addition_time_embed_dim", "1"),
  ])
  func `conditions on sizes that do not fit are refused`(_ change: Change) throws {
    try expectRefusal("unet-condition-sdxl", change)
  }

  @Test func `a class that is joined to the time embedding leaves no place for additions`() throws {
    let folder = try TemporaryFolder(copyOf: Fixtures.family("unet-condition-sdxl"))
    try folder.write("schedule.json", #"{"process": "beta"}"#)
    try folder.set("class_embed_type", "identity", in: "config.json")
    #expect(try Checkpoint.load(path: folder.path).graph.openInputs["class_labels"] != nil)
    try folder.set("class_embeddings_concat", true, in: "config.json")
    #expect { try Checkpoint.load(path: folder.path) } throws: { "\($0)".contains("addition_embed_type") }
  }

  @Test func `a signal of another length or with rows is refused`() throws {
    let folder = Fixtures.family("unet-1d")
    let schedule = try TemporaryFolder()
    try schedule.write("schedule.json", #"{"process": "beta", "sample_shape": [2, 1, 64]}"#)
    let file = "\(schedule.path)/schedule.json"
    #expect(try Checkpoint.load(path: folder, scheduleFile: file).graph.sampleShape == Shape(channels: 2, width: 64))
    try schedule.write("schedule.json", #"{"process": "beta", "sample_shape": [2, 4, 64]}"#)
    #expect { try Checkpoint.load(path: folder, scheduleFile: file) } throws: { "\($0)".contains("one row") }
    try schedule.write("schedule.json", #"{"process": "beta", "sample_shape": [3, 1, 64]}"#)
    #expect { try Checkpoint.load(path: folder, scheduleFile: file) } throws: { "\($0)".contains("in_channels") }
  }

  @Test(arguments: [
    Change("down_block_types", "[\"DownBlock1D\", \"DownBlock1DNoSkip\", \"DownBlock1D\"]", "down_block_types", "in front"),
    Change("down_block_types", "[\"DownBlock1D\"]", "down_block_types", "3 blocks"),
    Change("down_block_types", "[\"DownBlock2D\"]", "down_block_types", "DownBlock2D"),
    Change("up_block_types", "[]", "up_block_types"),
    Change("up_block_types", "[\"UpBlock2D\"]", "up_block_types", "UpBlock2D"),
    Change("mid_block_type", "\"ValueFunctionMidBlock1D\"", "mid_block_type", "ValueFunctionMidBlock1D", "no denoiser"),
    Change("mid_block_type", "\"MidResTemporalBlock1D\"", "use_timestep_embedding"),
    Change("mid_block_type", "null", "mid_block_type", "null"),
    Change("out_block_type", "\"ValueFunction\"", "out_block_type", "ValueFunction", "no denoiser"),
    Change("out_block_type", "\"OutConv1DBlock\"", "act_fn"),
    Change("extra_in_channels", "0", "extra_in_channels", "8"),
    Change("use_timestep_embedding", "true", "act_fn"),
    Change("time_embedding_type", "\"learned\"", "time_embedding_type", "learned"),
    Change("time_embedding_dim", "7", "time_embedding_dim", "7"),
    Change("block_out_channels", "[8, 8, 8]", "block_out_channels", "every 32"),
    Change("out_channels", "3", "out_channels", "3"),
    Change("sample_size", "30", "length is 30", "multiple of 8"),
    Change("sample_size", "0", "sample_size", "0"),
    Change("sample_size", "[1, 32]", "sample_size"),
    Change("kernel", "\"linear\"", "kernel", "linear"),
  ])
  func `an option of a one-dimensional U-Net that cannot be converted is refused by key and value`(_ change: Change) throws {
    try expectRefusal("unet-1d", change)
  }
}
