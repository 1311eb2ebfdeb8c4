import DriftGraph
import DriftImport
import DriftReference
import Testing

/// Whole pipelines of diffusers, against the pictures that they make.
@Suite struct PipelineTests {
  static let names = Fixtures.names("pipelines").filter { !$0.hasSuffix(".md") }

  @Test func `there are fixtures`() {
    #expect(Self.names.count == 7)
  }

  /// A pipeline's checkpoint; with prompts, class 0 is that of one sample and class 1 the empty one.
  static func load(_ name: String, sample: Int = 0) throws -> Checkpoint {
    let folder = Fixtures.pipeline(name)
    func row(_ name: String, _ index: Int) throws -> NPYArray {
      let array = try NPYArray.read("\(folder)/\(name).npy")
      let (index, size) = (min(index, array.shape[0] - 1), array.count / array.shape[0])
      return NPYArray(shape: Array(array.shape.dropFirst()), Array(array.floats[index * size..<(index + 1) * size]))
    }
    var inputs: [String: NPYArray] = [:]
    for input in ["encoder_hidden_states", "text_embeds"] {
      guard let prompt = try? row(input, sample) else { continue }
      inputs[input] = NPYArray(shape: [2] + prompt.shape, prompt.floats + (try row("\(input)_null", sample).floats))
    }
    inputs["time_ids"] = try? row("time_ids", sample)
    return try Checkpoint.load(path: folder, nullClass: inputs.isEmpty ? nil : 1, inputs: inputs)
  }

  @Test(arguments: names)
  func `pictures agree with diffusers to 55 dB`(_ name: String) throws {
    let folder = Fixtures.pipeline(name), checkpoint = try Self.load(name)
    let settings = try JSON.object("\(folder)/run.json")
    let steps = try #require(settings["steps"] as? Int)
    let plan = try checkpoint.plan(sampler: "ddim", steps: steps)
    #expect(plan.steps.map(\.timestep) == (try NPYArray.read("\(folder)/timesteps.npy").floats))
    let noise = try NPYArray.read("\(folder)/x_T.npy")
    let labels = try? NPYArray.read("\(folder)/class_labels.npy").integers
    for (suffix, guidance) in [("", 1), ("_guided", settings["guidance_scale"] as? Double ?? 1)] {
      guard suffix.isEmpty || guidance != 1 else { continue }
      let samples = try NPYArray.read("\(folder)/samples\(suffix).npy")
      #expect(try #require(checkpoint.pictureShape).description == Shape(samples).description)
      for index in 0..<noise.shape[0] {
        let size = noise.count / noise.shape[0], length = samples.count / noise.shape[0]
        let pipeline = ReferencePipeline(checkpoint: try Self.load(name, sample: index), plan: plan)
        let label = checkpoint.graph.classCount > 0 ? labels?[index] ?? 0 : nil
        let found = try pipeline.generate(
          noise: Array(noise.floats[index * size..<(index + 1) * size]), classLabel: label, guidance: Float(guidance),
          clippedEpsilon: false)
        let expected = Array(samples.floats[index * length..<(index + 1) * length])
        // Of pictures in -1 to 1.
        let psnr = Measures.psnr(expected, found, range: 2)
        print("\(name)\(suffix), sample \(index): PSNR \(psnr) dB")
        #expect(psnr >= 55)
      }
    }
  }

  @Test func `what no class means is the row after the last class`() throws {
    let checkpoint = try Self.load("dit")
    #expect(checkpoint.graph.classCount == 11)
    #expect(checkpoint.nullClass == 10)
  }

  @Test func `a context that was not given is asked for by option and shape`() throws {
    let checkpoint = try Checkpoint.load(path: Fixtures.pipeline("stable-diffusion"))
    #expect { try checkpoint.requireInputs() } throws: {
      "\($0)".contains("--context FILE.npy") && "\($0)".contains("[77, 6]")
    }
    func load(_ inputs: [String: NPYArray]) throws -> Checkpoint {
      try Checkpoint.load(path: Fixtures.pipeline("stable-diffusion"), inputs: inputs)
    }
    #expect { try load(["context": NPYArray(shape: [5, 7], [Float](repeating: 0, count: 35))]) } throws: {
      "\($0)".contains("[5, 6]") && "\($0)".contains("[5, 7]")
    }
    #expect { try load(["context": NPYArray(shape: [5, 6], [Float](repeating: .nan, count: 30))]) } throws: {
      "\($0)".contains("not all finite")
    }
    #expect { try load(["image": NPYArray(shape: [1], [0])]) } throws: {
      "\($0)".contains("'image'") && "\($0)".contains("encoder_hidden_states")
    }
  }

  @Test func `decoders, components and models that cannot be converted are refused by name`() throws {
    let folder = try TemporaryFolder(copyOf: Fixtures.pipeline("dit"))
    try folder.set("_class_name", "ConsistencyDecoderVAE", in: "vae/config.json")
    #expect { try Checkpoint.load(path: folder.path) } throws: {
      "\($0)".contains("ConsistencyDecoderVAE") && "\($0)".contains("AutoencoderKL")
    }
    try folder.set("_class_name", "AutoencoderKL", in: "vae/config.json")
    try folder.set("latent_channels", 5, in: "vae/config.json")
    #expect { try Checkpoint.load(path: folder.path) } throws: { "\($0)".contains("5 channels") }
    try folder.set("latent_channels", 4, in: "vae/config.json")
    try folder.set("tiles", 5, in: "vae/config.json")
    #expect { try Checkpoint.load(path: folder.path) } throws: { "\($0)".contains("'tiles'") }
    try folder.set("tiles", nil, in: "vae/config.json")
    try folder.set("controlnet", ["diffusers", "ControlNetModel"], in: "model_index.json")
    #expect { try Checkpoint.load(path: folder.path) } throws: { "\($0)".contains("'controlnet'") }
    try folder.set("controlnet", nil, in: "model_index.json")
    #expect(try Checkpoint.load(path: folder.path).decoder != nil)
    try folder.remove("vae/config.json")
    #expect { try Checkpoint.load(path: folder.path) } throws: { "\($0)".contains("vae/config.json") }
  }

  static let refusals: [(family: String, key: String, value: any Sendable)] = [
    ("transformer-continuous", "num_vector_embeds", 16),
    ("transformer-continuous", "double_self_attention", true),
    ("transformer-continuous", "attention_type", "gated"),
    ("transformer-continuous", "norm_type", "ada_norm_single"),
    ("transformer-continuous", "activation_fn", "linear-silu"),
    ("transformer-ada-norm-single", "use_additional_conditions", true),
    ("transformer-ada-norm-single", "sample_size", 9),
    ("dit", "out_channels", 5),
    ("dit", "norm_type", "ada_norm"),
    ("dit", "patch_size", 0),
  ]

  @Test(arguments: refusals.indices)
  func `options of transformers that cannot be converted are refused by name`(_ index: Int) throws {
    let (family, key, value) = Self.refusals[index]
    let folder = try TemporaryFolder(copyOf: Fixtures.family(family))
    try folder.write("schedule.json", #"{"process": "beta"}"#)
    try folder.set(key, value, in: "config.json")
    #expect { try Checkpoint.load(path: folder.path) } throws: { "\($0)".contains("'\(key)'") }
  }
}

extension Shape {
  /// Of one of an array's pictures.
  fileprivate init(_ array: NPYArray) {
    self.init(channels: array.shape[1], height: array.shape[2], width: array.shape[3])
  }
}
