import DriftGraph
import DriftImport
import DriftReference
import Testing

/// Decoders of latents, against what diffusers answers.
@Suite struct DiffusersDecoderTests {
  static let names = Fixtures.names("families").filter { $0.hasPrefix("autoencoder") || $0.hasPrefix("vq") }
  static let transformers = Fixtures.names("families").filter { $0.hasPrefix("dit") || $0.hasPrefix("transformer") }

  @Test func `there are fixtures`() {
    #expect(Self.names.count == 8)
    #expect(Self.transformers.count == 8)
  }

  @Test(arguments: names)
  func `decoders agree with diffusers to 90 dB`(_ name: String) throws {
    let folder = Fixtures.family(name)
    let latents = try NPYArray.read("\(folder)/latent.npy"), outputs = try NPYArray.read("\(folder)/output.npy")
    let shape = Shape(channels: latents.shape[1], height: latents.shape[2], width: latents.shape[3])
    let graph = try DiffusersDecoder.graph(
      configFile: "\(folder)/config.json", weightsFile: "\(folder)/diffusion_pytorch_model.safetensors", latent: shape)
    let denoiser = FloatDenoiser(graph)
    let (factor, shift) = try Self.scaling(folder)
    for index in 0..<latents.shape[0] {
      let size = shape.count, length = outputs.count / latents.shape[0]
      // The graph takes the denoiser's latents.
      let x = latents.floats[index * size..<(index + 1) * size].map { ($0 - shift) * factor }
      let found = try denoiser.evaluate(x: x, timestep: 0)
      let sqnr = Measures.sqnr(Array(outputs.floats[index * length..<(index + 1) * length]), found)
      print("\(name), evaluation \(index): SQNR \(sqnr) dB")
      #expect(sqnr >= 90)
    }
  }

  @Test(arguments: transformers)
  func `transformers agree with diffusers to 90 dB`(_ name: String) throws {
    let golden = try Golden(name)
    for index in 0..<golden.count {
      let sqnr = try golden.sqnr(index, golden.graph, label: try golden.label(index))
      print("\(name), evaluation \(index): SQNR \(sqnr) dB")
      #expect(sqnr >= 90)
    }
  }

  /// `scaling_factor` and `shift_factor`.
  static func scaling(_ folder: String) throws -> (factor: Float, shift: Float) {
    let json = try JSON.object("\(folder)/config.json")
    let factor = json["scaling_factor"] as? Double ?? 1, shift = json["shift_factor"] as? Double ?? 0
    return (Float(factor), Float(shift))
  }
}
