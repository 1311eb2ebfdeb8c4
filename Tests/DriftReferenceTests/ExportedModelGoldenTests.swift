import DriftGraph
import DriftImport
import DriftReference
import Foundation
import Testing

/// The bundled ONNX models against what PyTorch answers.
@Suite struct ExportedModelGoldenTests {
  static let names = ["digits-relu", "pulfer-ddpm-fashion", "sofia-mnist-vit"]

  /// A model's pictures of 50 steps, and how they were made.
  struct Walk: CustomTestStringConvertible {
    var model: String
    var file = "samples"
    var guidance: Float = 1
    var clippedEpsilon = false
    var testDescription: String { "\(model) \(file)" }
  }

  static let walks = [
    Walk(model: "digits-relu"),
    Walk(model: "pulfer-ddpm-fashion"),
    Walk(model: "pulfer-ddpm-fashion", file: "samples_rederived", clippedEpsilon: true),
    Walk(model: "sofia-mnist-vit"),
    Walk(model: "sofia-mnist-vit", file: "samples_guided", guidance: 2),
  ]

  private func golden(_ model: String, _ name: String) throws -> NPYArray {
    try NPYArray.read("\(Repository.root)/models/\(model)/goldens/\(name).npy")
  }

  private func classes(_ model: String, _ name: String) throws -> [Int]? {
    guard FileManager.default.fileExists(atPath: "\(Repository.root)/models/\(model)/goldens/\(name).npy") else { return nil }
    return try golden(model, name).integers
  }

  private func row(_ index: Int, of array: NPYArray) -> [Float] {
    let size = array.count / array.shape[0]
    return Array(array.floats[index * size..<(index + 1) * size])
  }

  @Test(arguments: names)
  func `single evaluations agree with PyTorch to 90 dB`(_ model: String) throws {
    let denoiser = FloatDenoiser(try Checkpoint.load(path: "\(Repository.root)/models/\(model)").graph)
    let (inputs, outputs) = (try golden(model, "golden_input"), try golden(model, "golden_output"))
    let timesteps = try golden(model, "golden_timestep").floats, labels = try classes(model, "golden_class")
    #expect(inputs.shape == [6, 1, 28, 28])
    for index in timesteps.indices {
      let found = try denoiser.evaluate(x: row(index, of: inputs), timestep: timesteps[index], classLabel: labels?[index])
      let sqnr = Measures.sqnr(row(index, of: outputs), found)
      print("\(model) evaluation \(index), timestep \(timesteps[index]): SQNR \(sqnr) dB")
      #expect(sqnr >= 90)
    }
  }

  @Test(arguments: walks)
  func `pictures of 50 steps agree with PyTorch to 55 dB`(_ walk: Walk) throws {
    let checkpoint = try Checkpoint.load(path: "\(Repository.root)/models/\(walk.model)")
    let sampler = ReferenceSampler(checkpoint: checkpoint, plan: try checkpoint.plan(steps: 50))
    let (noise, expected) = (try golden(walk.model, "x_T"), try golden(walk.model, walk.file))
    let labels = try classes(walk.model, "sample_class")
    let range = Double(checkpoint.dataRange.upperBound - checkpoint.dataRange.lowerBound)
    for index in 0..<expected.shape[0] {
      let found = try sampler.generate(
        noise: row(index, of: noise), classLabel: labels?[index], guidance: walk.guidance, clippedEpsilon: walk.clippedEpsilon)
      let psnr = Measures.psnr(row(index, of: expected), found, range: range)
      print("\(walk.testDescription) \(index): PSNR \(psnr) dB")
      #expect(psnr >= 55)
    }
  }
}
