import DriftGraph
import DriftImport
import DriftReference
import DriftRuntime
import Foundation
import Testing

/// Rows of coefficients against diffusers' DDIMScheduler and DDPMScheduler, whole walks.
@Suite struct SchedulerParityTests {
  /// What diffusers did.
  private struct Run: Decodable {
    var sampler: String
    var steps: Int
    var eta: Double
    var clipped_epsilon: Bool
    var timesteps: [Float]
    var states: [[Float]]
    var answers: [[Float]]
    var noises: [[Float]]
  }

  private struct Runs: Decodable { var runs: [Run] }

  /// The schedule of a scheduler_config.json, read as part of a checkpoint.
  private func schedule(_ name: String) throws -> NoiseSchedule {
    let folder = try TemporaryFolder(copyOf: Fixtures.unet("plain"))
    let config = try Data(contentsOf: URL(fileURLWithPath: "\(Fixtures.scheduler(name))/scheduler_config.json"))
    try folder.write("scheduler/scheduler_config.json", Array(config))
    return try Checkpoint.load(path: folder.path).schedule
  }

  @Test func `there are fixtures`() {
    #expect(Fixtures.names("schedulers").count == 17)
  }

  @Test(arguments: Fixtures.names("schedulers"))
  func `steps and whole walks agree with diffusers`(_ name: String) throws {
    let schedule = try schedule(name)
    let file = try Data(contentsOf: URL(fileURLWithPath: "\(Fixtures.scheduler(name))/runs.json"))
    for run in try JSONDecoder().decode(Runs.self, from: file).runs {
      let plan = try schedule.plan(sampler: run.sampler, steps: run.steps, eta: run.eta)
      #expect(plan.steps.map(\.timestep) == run.timesteps)
      var walk = run.states[0]
      var (worstStep, worstWalk): (Float, Float) = (0, 0)
      for (index, step) in plan.steps.enumerated() {
        let row = SamplerRow(step)
        func apply(_ x: inout [Float]) {
          x.withUnsafeMutableBufferPointer { x in
            row.apply(x: x, e: run.answers[index], noise: run.noises[index], clippedEpsilon: run.clipped_epsilon)
          }
        }
        var forced = run.states[index]
        apply(&forced)
        apply(&walk)
        for (i, expected) in run.states[index + 1].enumerated() {
          worstStep = max(worstStep, abs(forced[i] - expected))
          worstWalk = max(worstWalk, abs(walk[i] - expected))
        }
      }
      print("\(name), \(run.steps) steps, eta \(run.eta), clipped \(run.clipped_epsilon): step \(worstStep), walk \(worstWalk)")
      #expect(worstStep <= 1e-5)
      // A picture's share in x at the noisiest timestep is 0.006, so single precision of x resolves it to 1e-5. diffusers' own walks are up
      // to 0.9e-5 from the same walks in double precision.
      #expect(worstWalk <= 2e-5)
    }
  }
}
