import DriftGraph
import DriftImport
import DriftReference
import DriftRuntime
import Testing

/// The walk that the converter chooses guidance with.
@Suite struct GuidedWalkTests {
  private let sampler: ReferenceSampler

  init() throws {
    let checkpoint = try Checkpoint.load(path: Repository.digits)
    sampler = ReferenceSampler(checkpoint: checkpoint, plan: try checkpoint.plan(sampler: "ddpm", steps: 4))
  }

  private func picture(_ rows: [GuidanceRow], weight: Float = 2) throws -> [Float] {
    var walk = try GuidedWalk(sampler, seed: 5, sampleIndex: 1, classLabel: 3, weight: weight, clippedEpsilon: false)
    try walk.run(rows)
    return walk.x
  }

  @Test func `full guidance is the reference sampler's, noise and clipping included`() throws {
    let expected = try sampler.generate(seed: 5, sampleIndex: 1, classLabel: 3, guidance: 2)
    #expect(try picture([GuidanceRow](repeating: .full, count: 4)) == expected)
  }

  @Test func `skipping every step is no guidance`() throws {
    let expected = try sampler.generate(seed: 5, sampleIndex: 1, classLabel: 3, clippedEpsilon: true)
    #expect(try picture([GuidanceRow](repeating: .skipped, count: 4)) == expected)
  }

  @Test func `an estimate that takes the class's answer is no guidance at that step`() throws {
    let same = GuidanceRow.estimated(lastNull: 0, lastClass: 0, nowClass: 1)
    #expect(try picture([.full, same, .full, .full]) == picture([.full, .skipped, .full, .full]))
    let other = GuidanceRow.estimated(lastNull: 1, lastClass: -1, nowClass: 1)
    #expect(try picture([.full, other, .full, .full]) != picture([.full, .skipped, .full, .full]))
  }

  @Test func `a checkpoint without null class is refused`() throws {
    let blind = ReferenceSampler(denoiser: sampler.denoiser, plan: sampler.plan, nullClass: nil)
    #expect {
      try GuidedWalk(blind, seed: 0, sampleIndex: 0, classLabel: 0, weight: 2, clippedEpsilon: false)
    } throws: {
      "\($0)".contains("no class")
    }
  }
}
