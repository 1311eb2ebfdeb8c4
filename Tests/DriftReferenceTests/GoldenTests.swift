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

  @Test func `samples made at the same time are those made one after the other`() async throws {
    let plan = try checkpoint.plan(sampler: "ddpm", steps: 5)
    let sampler = ReferenceSampler(checkpoint: checkpoint, plan: plan)
    let alone = try (0..<4).map { try sampler.generate(seed: 7, sampleIndex: UInt32($0), classLabel: $0, guidance: 2) }
    let together = try await withThrowingTaskGroup(of: (Int, [Float]).self) { group in
      for index in 0..<4 {
        group.addTask { (index, try sampler.generate(seed: 7, sampleIndex: UInt32(index), classLabel: index, guidance: 2)) }
      }
      return try await group.reduce(into: [Int: [Float]]()) { $0[$1.0] = $1.1 }
    }
    for (index, sample) in alone.enumerated() { #expect(together[index] == sample) }
    #expect(alone[0] != alone[1])
  }

  @Test func `a walk reports each step and stops where it is told to`() throws {
    let sampler = ReferenceSampler(checkpoint: checkpoint, plan: try checkpoint.plan(sampler: "ddim", steps: 10))
    var (states, steps, tapped): ([[Float]], [Int], Set<Int>) = ([], [], [])
    let last = try sampler.generate(seed: 1, classLabel: 3) { step, _, _ in
      tapped.insert(step)
    } onStep: { step in
      if let previous = states.last { #expect(Array(step.sample) == previous) }
      states.append(Array(step.next))
      steps.append(step.index)
      return step.index < 2
    }
    #expect(steps == [0, 1, 2])
    #expect(tapped == [0, 1, 2])
    #expect(last == states.last)
  }

  @Test func `guidance without a null class, and noise of another size, are refused`() throws {
    var unconditional = checkpoint
    unconditional.nullClass = nil
    let plan = try checkpoint.plan(sampler: "ddim", steps: 2)
    #expect { try ReferenceSampler(checkpoint: unconditional, plan: plan).generate(classLabel: 1, guidance: 2) } throws: {
      "\($0)".contains("no class")
    }
    #expect { try ReferenceSampler(checkpoint: checkpoint, plan: plan).generate(noise: [0], classLabel: 1) } throws: {
      "\($0)".contains("1024")
    }
  }
}
