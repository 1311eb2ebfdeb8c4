import DriftGraph
import DriftImport
import DriftReference
import Foundation
import Testing

/// The trained digits model against what PyTorch and diffusers answer.
@Suite struct GoldenTests {
  private let checkpoint: Checkpoint

  init() throws {
    checkpoint = try Checkpoint.load(path: Repository.digits)
  }

  private func golden(_ name: String) throws -> NPYArray {
    try NPYArray.read("\(Repository.digits)/goldens/\(name).npy")
  }

  /// One row of an array whose first dimension counts samples.
  private func row(_ index: Int, of array: NPYArray) -> [Float] {
    let size = array.count / array.shape[0]
    return Array(array.floats[index * size..<(index + 1) * size])
  }

  @Test func `single evaluations agree with PyTorch to 90 dB`() throws {
    let denoiser = FloatDenoiser(checkpoint.graph)
    let (inputs, outputs) = (try golden("golden_input"), try golden("golden_output"))
    let timesteps = try golden("golden_timestep").floats
    let classes = try #require(try golden("golden_class").integers)
    #expect(inputs.shape == [6, 1, 32, 32])
    for index in timesteps.indices {
      let found = try denoiser.evaluate(x: row(index, of: inputs), timestep: timesteps[index], classLabel: classes[index])
      let sqnr = Measures.sqnr(row(index, of: outputs), found)
      print("golden evaluation \(index), timestep \(timesteps[index]), class \(classes[index]): SQNR \(sqnr) dB")
      #expect(sqnr >= 90)
    }
  }

  @Test(arguments: [("samples", Float(1)), ("samples_guided", Float(2))])
  func `pictures of 50 DDIM steps agree with diffusers to 60 dB`(_ run: (name: String, guidance: Float)) throws {
    let sampler = ReferenceSampler(checkpoint: checkpoint, plan: try checkpoint.plan(sampler: "ddim", steps: 50))
    let (noise, expected) = (try golden("x_T"), try golden(run.name))
    let classes = try #require(try golden("sample_class").integers)
    for index in classes.indices {
      let found = try sampler.generate(noise: row(index, of: noise), classLabel: classes[index], guidance: run.guidance)
      let psnr = Measures.psnr(row(index, of: expected), found, range: 2)
      print("\(run.name) \(index), class \(classes[index]): PSNR \(psnr) dB")
      #expect(psnr >= 60)
    }
  }

  @Test func `an evaluation takes milliseconds`() throws {
    let denoiser = FloatDenoiser(checkpoint.graph)
    let x = row(0, of: try golden("golden_input"))
    _ = try denoiser.evaluate(x: x, timestep: 500, classLabel: 3)
    let count = 20
    let time = try ContinuousClock().measure {
      for _ in 0..<count { _ = try denoiser.evaluate(x: x, timestep: 500, classLabel: 3) }
    }
    print("one evaluation of models/digits: \(time / count)")
  }
}
