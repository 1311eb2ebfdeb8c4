import DriftGraph
import DriftImport
import DriftReference
import DriftRuntime
import Foundation
import Testing

/// Rows of coefficients against diffusers' schedulers, whole walks.
@Suite struct SamplerParityTests {
  /// What diffusers did.
  private struct Walk: Decodable {
    var name: String
    var config: String
    var steps: Int
    var timesteps: [Float]
    var start: [Float]
    var inputs: [[Float]]
    var guesses: [[Double]]
    /// alpha and sigma of each input.
    var levels: [[Double]]
    var noises: [[Float]]
    var final: [Float]
  }

  @Test func `there are fixtures`() {
    #expect(Fixtures.names("samplers").count == 8)
  }

  @Test(arguments: Fixtures.names("samplers"))
  func `whole walks agree with diffusers`(_ name: String) throws {
    var worst: Float = 0
    for walk in try JSONDecoder().decode([Walk].self, from: try Data(contentsOf: URL(fileURLWithPath: Fixtures.sampler(name)))) {
      let folder = try TemporaryFolder(copyOf: Fixtures.unet("plain"))
      try folder.write("scheduler_config.json", Array(walk.config.utf8))
      let schedule = try NoiseSchedule(schedulerFile: "\(folder.path)/scheduler_config.json")
      let plan = try schedule.plan(steps: walk.steps)
      try #require(plan.steps.count == walk.timesteps.count, "\(name) \(walk.name)")
      for (index, (step, expected)) in zip(plan.steps, walk.timesteps).enumerated() {
        // Karras' levels of squared cosines begin at timestep 999, which diffusers finds as 998.9999 and cuts to 998.
        if index == 0, name.hasPrefix("DPM"), walk.name == "karras-cosine" {
          #expect(expected == 998 && step.timestep == 999)
          continue
        }
        // diffusers finds timesteps between two training timesteps with logarithms in single precision.
        #expect(
          abs(step.timestep - expected) <= 2e-3,
          Comment(rawValue: "time \(step.timestep) for \(expected) \(name) \(walk.name) \(walk.steps)"))
      }
      var history = SamplerHistory(slots: plan.historyCount, count: walk.start.count)
      var state = walk.start.map { $0 * plan.initialScale }
      var deviation: Float = 0, range: Float = 0
      for (index, step) in plan.steps.enumerated() {
        for (value, expected) in zip(state, walk.inputs[index]) {
          deviation = max(deviation, abs(value - expected))
          range = max(range, abs(expected))
        }
        let row = SamplerRow(step)
        let answer = zip(state, walk.guesses[index]).map { value, guess in
          let (alpha, sigma) = (walk.levels[index][0], walk.levels[index][1])
          let noise = (Double(value) - alpha * guess) / sigma
          return switch plan.prediction {
          case .epsilon: Float(noise)
          case .sample: Float(guess)
          case .v: Float(alpha * noise - sigma * guess)
          case .flow: Float(noise - guess)
          }
        }
        state.withUnsafeMutableBufferPointer { x in
          history.withSlots {
            row.apply(x: x, e: answer, noise: walk.noises[index], history: $0, clippedEpsilon: false)
          }
        }
      }
      for (value, expected) in zip(state, walk.final) { deviation = max(deviation, abs(value - expected)) }
      #expect(deviation <= 1e-5 * range, Comment(rawValue: "\(walk.name), \(walk.steps) steps: \(deviation / range)"))
      worst = max(worst, deviation / range)
    }
    print("\(name): largest deviation \(worst) of the walk's range")
  }
}
