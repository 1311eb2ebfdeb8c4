import DriftGraph
import DriftImport
import DriftReference
import Foundation
import Testing

/// What single files of tensors are refused for.
@Suite struct FamilyRefusalTests {
  /// Loads a file of zeros with these tensors.
  private func load(
    _ shapes: [String: [Int]], architecture: ArchitectureOptions? = nil, beside files: [String: String] = [:]
  ) throws -> Checkpoint {
    let folder = try TemporaryFolder(), path = "\(folder.path)/model.safetensors"
    var file = TensorFile()
    for (name, shape) in shapes { file.add(name, shape) }
    try file.writeZeros(path)
    for (name, text) in files { try folder.write(name, text) }
    return try Checkpoint.load(path: path, architecture: architecture ?? ArchitectureOptions(sampleShape: [8, 8]))
  }

  private func load(fixture name: String, _ change: (inout [String: [Int]]) -> Void) throws -> Checkpoint {
    var shapes = try TensorFile(fixture: Fixtures.rebuilt(name)).entries.mapValues(\.shape)
    change(&shapes)
    return try load(shapes)
  }

  /// Keys of archives in public use whose networks are nobody's but their authors'.
  private static let unknown: [String: [String]] = [
    "digits-relu": ["t1.weight", "stem.weight", "stem.bias", "d1.conv1.weight", "d1.bn1.weight", "d1.bn1.running_mean"],
    "ddpm_fashion": ["network.time_embed.weight", "network.te1.0.weight", "network.b1.0.ln.weight", "network.b1.0.conv1.weight"],
    "DiffusionViT": ["pos_embed", "patch_embed.weight", "transformer.0.linear1.weight", "transformer.0.norm1.weight"],
  ]

  @Test(arguments: unknown.keys.sorted())
  func `unknown families are refused with the general way`(_ name: String) throws {
    let shapes = Dictionary(uniqueKeysWithValues: try #require(Self.unknown[name]).map { ($0, [4]) })
    #expect { try load(shapes) } throws: { error in
      "\(error)".contains("Nearest comes") && "\(error)".contains("missing are") && "\(error)".contains("torch.onnx.export")
        && "\(error)".contains("spindrift convert model.onnx --schedule FILE.json")
    }
  }

  @Test func `keys that share nothing with any family are refused too`() throws {
    #expect { try load(["layers.0.gain": [4]]) } throws: {
      "\($0)".contains("none of its 1 keys ('layers.0.gain') is known") && "\($0)".contains("torch.onnx.export")
    }
  }

  @Test func `the nearest family is named with what is missing and extra`() throws {
    #expect {
      try load(fixture: "pytorch-ddpm") { shapes in
        shapes["tail.2.weight"] = nil
        shapes["self_conditioning.weight"] = [1]
      }
    } throws: { error in
      "\(error)".contains("pytorch-ddpm") && "\(error)".contains("missing are 'tail.2.weight'")
        && "\(error)".contains("not its own are 'self_conditioning.weight'")
    }
  }

  @Test func `a missing or misshapen tensor of a known family is named`() throws {
    #expect {
      try load(fixture: "pytorch-ddpm") { shapes in
        shapes["downblocks.0.block2.3.bias"] = nil
        shapes["head.bias"] = [31]
      }
    } throws: { error in
      "\(error)".contains("'downblocks.0.block2.3.bias' [32] is missing")
        && "\(error)".contains("'head.bias' has shape [31], expected [32]")
    }
    #expect { try load(fixture: "pytorch-ddpm") { $0 = $0.filter { !$0.key.hasPrefix("upblocks.4.") } } } throws: {
      "\($0)".contains("fewer on the way up")
    }
    #expect { try load(fixture: "improved-diffusion") { $0 = $0.filter { !$0.key.hasPrefix("input_blocks.1.") } } } throws: {
      "\($0)".contains("input_blocks.1")
    }
  }

  @Test func `a family that was asked for must have its keys`() throws {
    let shapes = try TensorFile(fixture: Fixtures.rebuilt("ddpm")).entries.mapValues(\.shape)
    #expect { try load(shapes, architecture: ArchitectureOptions(name: "pytorch-ddpm", sampleShape: [8, 8])) } throws: {
      "\($0)".contains("does not hold a network of the family pytorch-ddpm") && "\($0)".contains("'head.weight'")
    }
    #expect { try ArchitectureOptions(name: "unet") } throws: { "\($0)".contains("guided-diffusion") }
  }

  @Test func `what the tensors cannot tell is asked for`() throws {
    let shapes = try TensorFile(fixture: Fixtures.rebuilt("improved-diffusion")).entries.mapValues(\.shape)
    #expect { try load(shapes, architecture: ArchitectureOptions()) } throws: { "\($0)".contains("--shape") }
    #expect { try load(shapes) } throws: { "\($0)".contains("--schedule") }
    #expect { try load(shapes, architecture: ArchitectureOptions(sampleShape: [8, 8], settings: ["heads=5"])) } throws: {
      "\($0)".contains("do not divide into 5 heads") && "\($0)".contains("head_channels=N")
    }
    #expect { try load(shapes, architecture: ArchitectureOptions(sampleShape: [1, 8, 8])) } throws: {
      "\($0)".contains("3 channels")
    }
    #expect { try ArchitectureOptions(settings: ["widths=5"]) } throws: { "\($0)".contains("head_channels") }
    let ddpm = try TensorFile(fixture: Fixtures.rebuilt("ddpm")).entries.mapValues(\.shape)
    #expect { try load(ddpm, architecture: ArchitectureOptions(sampleShape: [8, 8], settings: ["heads=4"])) } throws: {
      "\($0)".contains("--architecture-option heads") && "\($0)".contains("does not apply")
    }
  }

  /// Keys that make a file one of a family that has a table of timesteps, with the shapes of all but the table.
  private static let withTable: [String: [String: [Int]]] = [
    "pytorch-ddpm": [
      "head.weight": [32, 1, 3, 3], "downblocks.0.block1.2.weight": [32, 32, 3, 3],
      "middleblocks.0.block1.2.weight": [32, 32, 3, 3],
      "upblocks.0.block1.2.weight": [32, 64, 3, 3], "upblocks.1.block1.2.weight": [32, 64, 3, 3], "tail.2.weight": [1, 32, 3, 3],
    ],
    "sddpm": [
      "conv.weight": [32, 1, 3, 3], "conv_identity.weight": [32, 32, 3, 3], "bn.weight": [32], "bn_identity.weight": [32],
      "downblocks.0.bn1.weight": [32], "middleblocks.0.bn1.weight": [32], "upblocks.0.bn1.weight": [32],
      "upblocks.1.bn1.weight": [32],
      "tail_bn.weight": [32], "T_output_layer.weight": [1, 1, 3, 3, 1], "last_bn.weight": [1],
    ],
  ]

  @Test(arguments: withTable.keys.sorted(), [[2, 70_000], [100_001, 1], [1000]])
  func `a table of timesteps beyond any network's is refused`(_ family: String, _ shape: [Int]) throws {
    var shapes = try #require(Self.withTable[family])
    shapes["time_embedding.timembedding.0.weight"] = shape
    #expect { try load(shapes, architecture: ArchitectureOptions(name: family, sampleShape: [8, 8])) } throws: {
      "\($0)".contains("'time_embedding.timembedding.0.weight' has shape \(shape), expected [1000, 128]")
    }
  }

  @Test(arguments: withTable.keys.sorted())
  func `tensors without values are refused, whatever their dimensions`(_ family: String) throws {
    let folder = try TemporaryFolder(), path = "\(folder.path)/model.pt"
    let others = try #require(Self.withTable[family])
    for shape in [[0, 1 << 61], [0], [1000, 0]] {
      var tensors = others.map { (name: $0.key, shape: $0.value, values: [Float](repeating: 0, count: $0.value.reduce(1, *))) }
      tensors.append(("time_embedding.timembedding.0.weight", shape, []))
      try folder.write("model.pt", ArchiveBytes(tensors: tensors).bytes)
      #expect {
        try Checkpoint.load(path: path, architecture: ArchitectureOptions(name: family, sampleShape: [8, 8]))
      } throws: { "\($0)".contains("'time_embedding.timembedding.0.weight' has shape \(shape), expected dimensions of 1 to") }
    }
  }

  @Test func `a network that is told a second picture is refused`() throws {
    #expect { try load(fixture: "improved-diffusion") { $0["input_blocks.0.0.weight"] = [32, 9, 3, 3] } } throws: {
      "\($0)".contains("another picture")
    }
  }

  @Test func `tensors of a diffusers network need its config.json`() throws {
    let folder = try TemporaryFolder(copyOf: Fixtures.unet("plain"))
    let path = "\(folder.path)/diffusion_pytorch_model.safetensors"
    let checkpoint = try Checkpoint.load(path: path)
    let whole = try Checkpoint.load(path: Fixtures.unet("plain"))
    let x = (0..<64).map { Float($0) / 32 - 1 }
    #expect(
      try FloatDenoiser(checkpoint.graph).evaluate(x: x, timestep: 3) == FloatDenoiser(whole.graph).evaluate(x: x, timestep: 3))
    try folder.remove("schedule.json")
    #expect { try Checkpoint.load(path: path) } throws: { "\($0)".contains("--schedule") }
    try folder.write("scheduler_config.json", #"{"_class_name": "DDPMScheduler", "num_train_timesteps": 77}"#)
    #expect(try Checkpoint.load(path: path).schedule.trainingSteps == 77)
    try folder.remove("config.json")
    #expect { try Checkpoint.load(path: path, architecture: ArchitectureOptions(sampleShape: [8, 8])) } throws: {
      "\($0)".contains("put its config.json beside it")
    }
  }

  @Test(arguments: Fixtures.names("rebuilt"))
  func `no change of keys and shapes brings the reader down`(_ name: String) throws {
    let fixture = try TensorFile(fixture: Fixtures.rebuilt(name)).entries.mapValues(\.shape)
    let architecture = try ArchitectureOptions(
      name: name.hasPrefix("pytorch") ? "pytorch-ddpm" : nil, sampleShape: [8, 8], settings: [])
    var generator = SplitMix(state: 1)
    var refused = 0
    for _ in 0..<60 {
      var shapes = fixture
      for _ in 0..<Int.random(in: 1...3, using: &generator) {
        guard let key = shapes.keys.sorted().randomElement(using: &generator), let shape = shapes[key] else { continue }
        switch Int.random(in: 0..<5, using: &generator) {
        case 0: shapes[key] = nil
        case 1:
          shapes[key] = nil
          shapes[key.replacing(/[0-9]+/) { _ in "\(Int.random(in: 0...12, using: &generator))" }] = shape
        case 2: shapes[key] = shape.map { _ in [0, 1, 2, 3, 64].randomElement(using: &generator) ?? 1 }
        case 3: shapes[key] = [Int(Int32.max), 0]
        default: shapes[key] = Array(shape.dropLast())
        }
      }
      do { _ = try load(shapes, architecture: architecture) } catch {
        refused += 1
        #expect(error is ImportError)
      }
    }
    #expect(refused > 50)
  }
}

/// SplitMix64, so that the tests change the same things every time.
private struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
