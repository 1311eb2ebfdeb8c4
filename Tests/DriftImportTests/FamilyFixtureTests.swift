import DriftGraph
import DriftImport
import DriftReference
import Foundation
import Testing

/// Networks rebuilt from their keys, against what PyTorch answers.
@Suite struct FamilyFixtureTests {
  /// What the tensors of a fixture cannot tell.
  static let settings: [String: [String]] = [
    "guided-diffusion": ["head_channels=32"],
    "guided-diffusion-new-order": ["heads=2", "attention_order=new"],
    "guided-diffusion-plain-sampling": ["heads=1"],
    "latent-diffusion": ["heads=4", "context_tokens=5", "scale_factor=0.5"],
    "latent-diffusion-linear": ["heads=2", "context_tokens=5"],
    "latent-diffusion-unconditional": ["heads=1"],
  ]

  static let schedule = #"{"process": "beta", "num_train_timesteps": 100}"#

  /// A fixture's checkpoint, from a file with a noise schedule.
  static func load(_ name: String, changed change: (inout TensorFile) -> Void = { _ in }) throws -> Checkpoint {
    let folder = try TemporaryFolder()
    var file = try TensorFile(fixture: Fixtures.rebuilt(name))
    change(&file)
    try file.write("\(folder.path)/model.safetensors")
    try folder.write("noise.json", schedule)
    return try Checkpoint.load(
      path: "\(folder.path)/model.safetensors", scheduleFile: "\(folder.path)/noise.json",
      architecture: ArchitectureOptions(sampleShape: [8, 8], settings: settings[name] ?? []))
  }

  /// The least of the SQNRs of a fixture's evaluations, in decibels.
  static func sqnr(_ name: String, _ checkpoint: Checkpoint) throws -> Double {
    let folder = Fixtures.rebuilt(name)
    var graph = checkpoint.graph
    if graph.openInputs["context"] != nil {
      graph = try graph.binding("context", to: [NPYArray.read("\(folder)/context.npy").floats])
    }
    let denoiser = FloatDenoiser(graph)
    let input = try NPYArray.read("\(folder)/input.npy").floats, output = try NPYArray.read("\(folder)/output.npy").floats
    let classes = graph.classCount > 0 ? try NPYArray.read("\(folder)/class.npy").integers : nil
    let size = input.count / 2
    return try NPYArray.read("\(folder)/timestep.npy").floats.enumerated().map { index, timestep in
      let range = index * size..<(index + 1) * size
      let found = try denoiser.evaluate(x: Array(input[range]), timestep: timestep, classLabel: classes?[index])
      return Measures.sqnr(Array(output[range]), found)
    }.min() ?? 0
  }

  @Test func `there are fixtures`() {
    #expect(Fixtures.names("rebuilt").count == 11)
  }

  @Test(arguments: Fixtures.names("rebuilt"))
  func `networks rebuilt from their keys agree with PyTorch to 90 dB`(_ name: String) throws {
    let checkpoint = try Self.load(name)
    let sqnr = try Self.sqnr(name, checkpoint)
    print("\(name): SQNR \(sqnr) dB; \(checkpoint.description); \(checkpoint.remarks)")
    #expect(sqnr >= 90)
  }

  @Test(arguments: ["latent-diffusion", "latent-diffusion-unconditional"])
  func `decoders of latents agree with PyTorch to 90 dB`(_ name: String) throws {
    let decoder = try #require(try Self.load(name).decoder)
    let input = try NPYArray.read("\(Fixtures.rebuilt(name))/input.npy").floats
    let output = try NPYArray.read("\(Fixtures.rebuilt(name))/decoded.npy").floats
    let found = try FloatDenoiser(decoder).evaluate(x: Array(input.prefix(input.count / 2)), timestep: 0)
    let sqnr = Measures.sqnr(output, found)
    print("\(name), decoder: SQNR \(sqnr) dB")
    #expect(sqnr >= 90)
  }

  @Test func `running means of the weights are preferred, whatever they lie under`() throws {
    let nested = try Self.load("pytorch-ddpm") { file in
      for (name, entry) in file.entries {
        file.entries[name] = nil
        file.entries["ema_model.\(name)"] = entry
        file.add("net_model.\(name)", entry.shape)
      }
      file.add("x_T", [4, 3, 8, 8])
    }
    #expect(try Self.sqnr("pytorch-ddpm", nested) >= 90)
    let dotless = try Self.load("latent-diffusion") { file in
      for (name, entry) in file.entries where name.hasPrefix("model.") {
        file.entries["model_ema." + name.dropFirst("model.".count).filter { $0 != "." }] = entry
        file.add(name, entry.shape)
      }
      file.add("model_ema.decay", [])
    }
    #expect(try Self.sqnr("latent-diffusion", dotless) >= 90)
  }

  @Test func `a latent diffusion file brings its noise schedule`() throws {
    let folder = try TemporaryFolder(), path = "\(folder.path)/model.safetensors"
    var file = try TensorFile(fixture: Fixtures.rebuilt("latent-diffusion"))
    file.listed["alphas_cumprod"] = [0.75, 0.5, 0.25]
    file.listed["betas"] = [0.25, 0.25, 0.25]
    try file.write(path)
    let architecture = try ArchitectureOptions(sampleShape: [4, 8, 8])
    let checkpoint = try Checkpoint.load(path: path, architecture: architecture)
    #expect(checkpoint.schedule.alphaBar == [0.75, 0.5, 0.25])
    #expect(checkpoint.schedule.clipRange == nil)
    // Heads and tokens are not in the file: the report says what was taken for granted.
    #expect(checkpoint.remarks.contains { $0.contains("heads=8") && $0.contains("context_tokens=77") })
    #expect(checkpoint.graph.openInputs["context"] == Shape(channels: 24, width: 77))
  }

  @Test func `the schedule of pytorch-ddpm is its definition's, as long as the table of timesteps`() throws {
    let folder = try TemporaryFolder(), path = "\(folder.path)/model.safetensors"
    try TensorFile(fixture: Fixtures.rebuilt("pytorch-ddpm")).write(path)
    let checkpoint = try Checkpoint.load(path: path, architecture: ArchitectureOptions(sampleShape: [8, 8]))
    #expect(checkpoint.schedule.trainingSteps == 100)
    #expect(abs(checkpoint.schedule.alphaBar[0] - 0.9999) < 1e-7)
    // A step between two rows has no value.
    #expect(throws: ReferenceError.self) {
      try FloatDenoiser(checkpoint.graph).evaluate(x: [Float](repeating: 0, count: 192), timestep: 7.5)
    }
  }
}
