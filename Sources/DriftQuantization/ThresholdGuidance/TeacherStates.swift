import DriftCalibration
import DriftEmission
import DriftGraph
import DriftReference

/// States of the float sampler's walk and the float network's answers there: what integer programs are compared with, step by step.
struct TeacherStates: Sendable {
  /// One evaluation of the float network.
  struct State: Sendable {
    var step: Int
    var classLabel: Int?
    var sample: [Float]
    var answer: [Float]
  }

  /// By step.
  private(set) var states: [[State]]

  /// Walks trajectories.
  /// - Parameters:
  ///   - seed: of their noise.
  ///   - stepsToKeep: whose states are of interest.
  static func walk(
    _ checkpoint: Checkpoint, plan: SamplerPlan, samples: Int, seed: UInt64, stepsToKeep: Set<Int>, clippedEpsilon: Bool
  ) throws -> TeacherStates {
    let sampler = ReferenceSampler(checkpoint: checkpoint, plan: plan)
    let lanes = try LaneRunner.run { lane in
      var states: [State] = []
      for sample in stride(from: lane, to: samples, by: LaneRunner.laneCount) {
        try sampler.walk(seed: seed, sample: sample, classCount: checkpoint.graph.classCount, clippedEpsilon: clippedEpsilon) {
          step, classLabel in
          guard stepsToKeep.contains(step.index) else { return }
          states.append(
            State(step: step.index, classLabel: classLabel, sample: Array(step.sample), answer: Array(step.output)))
        }
      }
      return states
    }
    var byStep = [[State]](repeating: [], count: plan.steps.count)
    for state in lanes.joined() { byStep[state.step].append(state) }
    return TeacherStates(states: byStep)
  }

  /// Power of an image's error over power of the answers, for each of some steps.
  func errors(of image: DriftImage, steps: [Int]) throws -> [Double] {
    let integer = try IntegerDenoiser(encoded: try image.encode())
    return try steps.map { step in
      var (signal, noise) = (0.0, 0.0)
      for state in states[step] {
        try integer.start()
        let found = try state.sample.withUnsafeBufferPointer {
          try integer.evaluate($0, step: step, classLabel: state.classLabel, branch: .conditional)
        }
        for (ours, theirs) in zip(found, state.answer) {
          signal += Double(theirs) * Double(theirs)
          noise += Double(ours - theirs) * Double(ours - theirs)
        }
      }
      return noise / max(signal, .leastNormalMagnitude)
    }
  }
}
