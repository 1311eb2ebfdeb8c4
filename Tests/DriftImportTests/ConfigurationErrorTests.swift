import DriftGraph
import DriftImport
import Testing

/// Folders and configurations that cannot be imported: each gets one error that names the file, the key and its value.
@Suite struct ConfigurationErrorTests {
  /// A JSON value as text, a key, and what the error must say.
  struct Change: Sendable, CustomTestStringConvertible {
    var key: String
    var json: String
    var names: [String]

    init(_ key: String, _ json: String, _ names: String...) {
      (self.key, self.json, self.names) = (key, json, names)
    }

    var testDescription: String { "\(key): \(json)" }
  }

  private func expectRefusal(_ folder: TemporaryFolder, _ names: [String]) {
    #expect { try Checkpoint.load(path: folder.path) } throws: { error in
      error is ImportError && names.allSatisfy { "\(error)".contains($0) }
    }
  }

  /// A copy of a fixture with one line put into a JSON object, in the place of that key if it is there.
  private func folder(_ fixture: String, _ change: Change, in file: String) throws -> TemporaryFolder {
    let folder = try TemporaryFolder(copyOf: Fixtures.unet(fixture))
    try folder.setText(change.key, change.json, in: file)
    return folder
  }

  @Test(arguments: [
    Change("_class_name", "\"UNet3DConditionModel\"", "UNet3DConditionModel", "UNet2DModel"),
    Change("_class_name", "7", "_class_name", "7"),
    Change("sample_size", "\"8\"", "sample_size", "\"8\""),
    Change("sample_size", "[8]", "sample_size", "[8]"),
    Change("sample_size", "0", "sample_size", "0"),
    Change("sample_size", "7", "concatenate", "cannot join"),
    Change("in_channels", "1.5", "in_channels", "1.5"),
    Change("in_channels", "null", "in_channels", "null"),
    Change("out_channels", "2", "out_channels", "2", "expected 1"),
    Change("center_input_sample", "1", "center_input_sample", "true or false"),
    Change("time_embedding_type", "\"learned\"", "time_embedding_type", "learned"),
    Change("freq_shift", "\"a\"", "freq_shift", "a number"),
    Change("freq_shift", "2", "freq_shift", "2"),
    Change("flip_sin_to_cos", "null", "flip_sin_to_cos", "null"),
    Change("down_block_types", "[\"DownBlock2D\", \"SkipDownBlock2D\"]", "down_block_types", "SkipDownBlock2D"),
    Change("down_block_types", "[\"DownBlock2D\", \"AttnSkipDownBlock2D\"]", "AttnSkipDownBlock2D"),
    Change("down_block_types", "[\"DownBlock2D\", \"KDownBlock2D\"]", "KDownBlock2D"),
    Change("down_block_types", "[\"DownBlock2D\", \"CrossAttnDownBlock2D\"]", "CrossAttnDownBlock2D"),
    Change("down_block_types", "[\"DownBlock2D\"]", "down_block_types", "2 blocks"),
    Change("down_block_types", "\"DownBlock2D\"", "down_block_types", "a list of strings"),
    Change("up_block_types", "[\"SkipUpBlock2D\", \"UpBlock2D\"]", "up_block_types", "SkipUpBlock2D"),
    Change("up_block_types", "[\"UpBlock2D\", \"DownBlock2D\"]", "up_block_types", "DownBlock2D"),
    Change("mid_block_type", "\"UNetMidBlock2DCrossAttn\"", "mid_block_type", "UNetMidBlock2DCrossAttn"),
    Change("mid_block_scale_factor", "0", "mid_block_scale_factor", "0"),
    Change("add_attention", "\"no\"", "add_attention", "no"),
    Change("block_out_channels", "[]", "block_out_channels"),
    Change("block_out_channels", "[4, -8]", "block_out_channels", "-8"),
    Change("block_out_channels", "[4, \"8\"]", "block_out_channels", "a list of integers"),
    Change("block_out_channels", "[6, 9]", "2 groups do not divide the 9 channels"),
    Change("layers_per_block", "0", "layers_per_block", "0"),
    Change("layers_per_block", "1e9", "layers_per_block"),
    Change("downsample_padding", "-1", "downsample_padding", "-1"),
    Change("downsample_type", "\"fir\"", "downsample_type", "fir"),
    Change("upsample_type", "\"fir\"", "upsample_type", "fir"),
    Change("act_fn", "\"tanh\"", "act_fn", "tanh"),
    Change("norm_num_groups", "null", "norm_num_groups", "null"),
    Change("norm_num_groups", "3", "3 groups"),
    Change("norm_eps", "-1", "norm_eps", "-1"),
    Change("resnet_time_scale_shift", "\"ada_group\"", "resnet_time_scale_shift", "ada_group"),
    Change("resnet_time_scale_shift", "\"spatial\"", "resnet_time_scale_shift", "spatial"),
    Change("class_embed_type", "\"projection\"", "class_embed_type", "projection"),
    Change("num_class_embeds", "\"10\"", "num_class_embeds", "10"),
    Change("encoder_hid_dim", "32", "encoder_hid_dim", "32"),
  ])
  func `a config value that cannot be converted is refused by key and value`(_ change: Change) throws {
    expectRefusal(try folder("plain", change, in: "config.json"), ["config.json"] + change.names)
  }

  @Test func `a head wider than the channels is refused`() throws {
    let change = Change("attention_head_dim", "16")
    expectRefusal(try folder("attention-heads", change, in: "config.json"), ["attention_head_dim", "16", "8 channels"])
  }

  @Test(arguments: [
    Change("process", "\"brownian\"", "process", "brownian"),
    Change("num_train_timesteps", "0", "num_train_timesteps"),
    Change("num_train_timesteps", "\"1000\"", "num_train_timesteps", "\"1000\""),
    Change("beta_schedule", "\"quadratic\"", "beta_schedule", "quadratic"),
    Change("beta_end", "1.5", "beta_end", "1.5"),
    Change("beta_start", "[1]", "beta_start"),
    Change("trained_betas", "[0.1, 0.2]", "trained_betas", "100"),
    Change("thresholding", "true", "thresholding", "true"),
    Change("clip_sample", "\"yes\"", "clip_sample", "yes"),
    Change("clip_sample_range", "0", "clip_sample_range", "0"),
    Change("prediction_type", "\"score\"", "prediction_type", "score"),
    Change("variance_type", "\"learned_range\"", "variance_type", "learned_range"),
    Change("timestep_spacing", "\"karras\"", "timestep_spacing", "karras"),
    Change("steps_offset", "-1", "steps_offset", "-1"),
    Change("sample_shape", "[1, 8]", "sample_shape"),
    Change("sample_shape", "[1, 16, 16]", "sample_size", "16x16"),
    Change("sample_shape", "[3, 8, 8]", "in_channels", "3"),
    Change("data_range", "[1, 0]", "data_range"),
    Change("null_class", "3", "null class is 3", "no classes"),
  ])
  func `a schedule that cannot be converted is refused by key and value`(_ change: Change) throws {
    expectRefusal(try folder("plain", change, in: "schedule.json"), change.names)
  }

  @Test(arguments: [
    Change("_class_name", "\"KDPM2DiscreteScheduler\"", "KDPM2DiscreteScheduler", "--schedule"),
    Change("use_karras_sigmas", "true", "use_karras_sigmas", "true"),
    Change("thresholding", "true", "thresholding"),
    Change("beta_schedule", "7", "beta_schedule", "7"),
  ])
  func `a scheduler that cannot be converted is refused by key and value`(_ change: Change) throws {
    let folder = try folder("three-levels", change, in: "scheduler/scheduler_config.json")
    expectRefusal(folder, ["scheduler_config.json"] + change.names)
  }

  @Test func `a wrong path, a file and an empty folder are told apart`() throws {
    let folder = try TemporaryFolder()
    #expect { try Checkpoint.load(path: "\(folder.path)/none") } throws: { "\($0)".contains("does not exist") }
    try folder.write("file", "text")
    #expect { try Checkpoint.load(path: "\(folder.path)/file") } throws: { "\($0)".contains("is a file") }
    #expect { try Checkpoint.load(path: folder.path) } throws: {
      "\($0)".contains("neither unet/config.json, transformer/config.json nor config.json")
    }
  }

  @Test func `a folder without weights says which it looked for`() throws {
    let folder = try TemporaryFolder(copyOf: Fixtures.unet("plain"))
    try folder.remove("diffusion_pytorch_model.safetensors")
    expectRefusal(folder, ["has no diffusion_pytorch_model.safetensors"])
    try folder.write("diffusion_pytorch_model.bin", "pickle")
    expectRefusal(folder, ["diffusion_pytorch_model.bin", "no PyTorch archive"])
  }

  @Test func `a denoiser without any schedule asks for one`() throws {
    let folder = try TemporaryFolder(copyOf: Fixtures.unet("plain"))
    try folder.remove("schedule.json")
    expectRefusal(folder, ["--schedule"])
    #expect { try Checkpoint.load(path: folder.path, scheduleFile: "\(folder.path)/none.json") } throws: {
      "\($0)".contains("none.json")
    }
  }

  @Test func `a pipeline that names a decoder without its folder is refused by that component`() throws {
    let folder = try TemporaryFolder(copyOf: Fixtures.unet("three-levels"))
    try folder.set("vqvae", ["diffusers", "VQModel"], in: "model_index.json")
    expectRefusal(folder, ["model_index.json", "vqvae", "VQModel"])
  }

  @Test func `labels without end need a count`() throws {
    let folder = try TemporaryFolder(copyOf: Fixtures.unet("class-timestep"))
    try folder.set("num_class_embeds", nil, in: "config.json")
    expectRefusal(folder, ["class_embed_type", "num_classes"])
    try folder.set("num_classes", 4, in: "schedule.json")
    try folder.set("null_class", 4, in: "schedule.json")
    #expect(try Checkpoint.load(path: folder.path).graph.classCount == 5)
  }

  @Test(arguments: [
    ("{\"a\": 1, \"a\": 2}", "\"a\" occurs twice"), ("{\n\n\"a\": tru}", "line 3"), ("{\"a\": 01}", "malformed number"),
    ("{\"a\": \"\\ud800\"}", "surrogate"), ("{\"a\": \"\\x\"}", "escape"), ("{\"a\": 1e999}", "out of range"), ("", "too early"),
    ("{\"a\" 1}", "':'"), ("{\"a\": 1 \"b\": 2}", "','"), ("{\"a\": \"b", "does not end"), ("[]", "expected a JSON object"),
  ])
  func `a config file that is not strict JSON is refused by line and problem`(_ text: String, _ names: String) throws {
    let folder = try TemporaryFolder(copyOf: Fixtures.unet("plain"))
    try folder.write("config.json", text)
    expectRefusal(folder, ["config.json", names])
  }

  @Test func `strings with escapes and foreign letters are read`() throws {
    let folder = try TemporaryFolder(copyOf: Fixtures.unet("plain"))
    try folder.set("_name_or_path", nil, in: "config.json")
    let text = String(decoding: try folder.read("config.json"), as: UTF8.self)
    try folder.write("config.json", #"{"_name_or_path": "\u00e9\ud83d\ude00\n\/ é", "# + text.dropFirst())
    _ = try Checkpoint.load(path: folder.path)
  }
}
