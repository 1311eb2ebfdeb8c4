import DriftEmission
import DriftFormat
import DriftGraph
import DriftImport
import DriftQuantization
import DriftReference
import DriftRuntime
import Foundation
import Testing

/// Decoders of latents as the second program of a file.
@Suite struct DecoderConversionTests {
  static let families = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("DriftImportTests/Fixtures/families")
  static let names: [String] = ((try? FileManager.default.contentsOfDirectory(atPath: families.path)) ?? [])
    .filter { $0.hasPrefix("autoencoder") || $0.hasPrefix("vq") }.sorted()

  @Test func thereAreFixtures() {
    #expect(Self.names.count == 8)
  }

  /// A random denoiser of latents with a decoder of diffusers behind it.
  private func checkpoint(_ name: String, seed: UInt64 = 40) throws -> Checkpoint {
    let folder = Self.families.appendingPathComponent(name)
    let latents = try NPYArray.read(folder.appendingPathComponent("latent.npy").path).shape
    let shape = Shape(channels: latents[1], height: latents[2], width: latents[3])
    var d = RandomDenoiser(seed: seed)
    let h = try d.convolution(try d.sample(shape), 12, name: "in")
    _ = try d.convolution(try d.append(.activation(.silu), h, name: "act"), shape.channels, name: "out")
    var checkpoint = d.checkpoint()
    checkpoint.decoder = try DiffusersDecoder.graph(
      configFile: folder.appendingPathComponent("config.json").path,
      weightsFile: folder.appendingPathComponent("diffusion_pytorch_model.safetensors").path, latent: shape)
    return checkpoint
  }

  /// On the latents that the integer denoiser made from noise that calibration did not see, so that the decoder alone differs.
  @Test(arguments: names) func theDecoderIsNearTheFloatOneOnEveryKernel(_ name: String) throws {
    let checkpoint = try checkpoint(name)
    let (image, report) = try Converter(checkpoint: checkpoint, options: ConversionOptions(steps: 4, calibrationSamples: 32))
      .convert()
    #expect(image.programs.map(\.name) == ["denoiser", "decoder"])
    #expect(report.layers.contains { $0.name == "decoder.conv_in" || $0.name == "decoder.layers.0" })
    let decoder = FloatDenoiser(try #require(checkpoint.decoder))
    let model = try IntegerModel(image)
    let ratios = try (0..<8).map { sample in
      let (state, picture) = try model.generate(Request(seed: 5, sampleIndex: UInt32(sample)))
      return IntegerModel.psnr(try decoder.evaluate(x: state, timestep: 0), picture)
    }.sorted()
    print("\(name): PSNR of decoded pictures, median \(ratios[4]) dB, least \(ratios[0]) dB")
    #expect(ratios[4] > 31)
    #expect(ratios[0] > 28)

    let expected = try model.generate(Request(seed: 6)).picture
    for kernels in (Int32(0)..<16).compactMap({ KernelSet.Kind(rawValue: $0).flatMap(KernelSet.init) }) {
      let found = try IntegerModel(image, kernels: kernels).generate(Request(seed: 6)).picture
      #expect(found.map(\.bitPattern) == expected.map(\.bitPattern), "\(kernels.kind)")
    }
  }

  /// Network and decoder in one file of tensors; prompts are its classes, and the second one means none.
  @Test(arguments: ["latent-diffusion", "latent-diffusion-linear", "latent-diffusion-unconditional"])
  func aSingleFileWithItsDecoder(_ name: String) throws {
    let folder = Self.families.deletingLastPathComponent().appendingPathComponent("archives")
    let isConditional = name != "latent-diffusion-unconditional"
    let schedule = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()).json")
    defer { try? FileManager.default.removeItem(at: schedule) }
    try Data("{\"process\": \"beta\", \"sample_shape\": [\(isConditional ? 4 : 3), 8, 8]}".utf8).write(to: schedule)
    var inputs: [String: NPYArray] = [:]
    if isConditional { inputs["context"] = try NPYArray.read(folder.appendingPathComponent("\(name)/context.npy").path) }
    let settings = ["latent-diffusion": ["heads=4"], "latent-diffusion-linear": ["head_channels=16"]][name] ?? ["head_channels=32"]
    let checkpoint = try Checkpoint.load(
      path: folder.appendingPathComponent("\(name).pt").path, nullClass: isConditional ? 1 : nil, scheduleFile: schedule.path,
      architecture: try ArchitectureOptions(settings: settings + (isConditional ? ["context_tokens=5"] : [])), inputs: inputs)
    #expect(checkpoint.nullClass == (isConditional ? 1 : nil))
    let (image, report) = try Converter(checkpoint: checkpoint, options: ConversionOptions(steps: 4, calibrationSamples: 16))
      .convert()
    let decoder = FloatDenoiser(try #require(checkpoint.decoder))
    let model = try IntegerModel(image)
    let ratios = try (0..<4).map { sample in
      let (state, picture) = try model.generate(Request(seed: 5, sampleIndex: UInt32(sample)))
      return IntegerModel.psnr(try decoder.evaluate(x: state, timestep: 0), picture)
    }.sorted()
    print("\(name): SQNR \(report.validationSQNR) dB, PSNR of decoded pictures, median \(ratios[2]) dB, least \(ratios[0]) dB")
    #expect(ratios[2] > 28)
    #expect((report.validationSQNR.min() ?? 0) > 20)
  }

  @Test func stepCachesAndDecodersGoTogether() throws {
    let folder = Self.families.deletingLastPathComponent().appendingPathComponent("pipelines/latent-unconditional")
    let checkpoint = try Checkpoint.load(path: folder.path)
    let options = ConversionOptions(steps: 6, calibrationSamples: 8, stepCache: .interval(3))
    let (image, _) = try Converter(checkpoint: checkpoint, options: options).convert()
    #expect(image.programs.map(\.name) == ["denoiser", "shallow", "decoder"])
    let picture = try IntegerModel(image).generate(Request(seed: 1)).picture
    #expect(picture.count == checkpoint.pictureShape?.count)
    #expect(picture.allSatisfy { $0.isFinite })
  }

  /// A decoder runs at no step, so nothing of it may change with the timestep.
  @Test func aDecoderThatReadsTheTimestepIsRefusedByName() throws {
    var checkpoint = try checkpoint("autoencoder-tiny")
    let shape = try #require(checkpoint.graph.sampleShape)
    var d = RandomDenoiser(seed: 41)
    let h = try d.convolution(try d.sample(shape), 12, name: "in")
    _ = try d.convolution(try d.append(.add, h, try d.timeVector(12, name: "time"), name: "timed"), 3, name: "out")
    checkpoint.decoder = d.graph
    #expect {
      try Converter(checkpoint: checkpoint, options: ConversionOptions(steps: 2, calibrationSamples: 2)).convert()
    } throws: {
      "\($0)".contains("in") && "\($0)".contains("step")
    }
  }
}
