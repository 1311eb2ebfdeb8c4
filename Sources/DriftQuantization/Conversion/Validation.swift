import DriftCalibration
import DriftEmission
import DriftGraph
import DriftReference
import Foundation
import Synchronization

/// A first look at a converted model on noise that calibration did not see: `compare` measures it properly.
enum Validation {
  /// Trajectories.
  static let samples = 4

  /// Signal to noise of the noise prediction at every step, on the float sampler's states, in dB.
  static func run(
    _ checkpoint: Checkpoint, plan: SamplerPlan, image: DriftImage, options: ConversionOptions,
    progress: @escaping @Sendable (_ done: Int, _ of: Int) -> Void
  ) throws -> [Double] {
    let encoded = try options.running(image).encode()
    let sampler = ReferenceSampler(checkpoint: checkpoint, plan: plan)
    let done = Mutex(0)
    let lanes = try LaneRunner.run { lane in
      let integer = try IntegerDenoiser(encoded: encoded)
      var error = PredictionError(steps: plan.steps.count)
      for sample in stride(from: lane, to: samples, by: LaneRunner.laneCount) {
        try integer.start()
        try sampler.walk(
          seed: options.seed &+ 1, sample: sample, classCount: checkpoint.graph.classCount, clippedEpsilon: options.clippedEpsilon
        ) { step, classLabel in
          let answer = try integer.evaluate(step.sample, step: step.index, classLabel: classLabel, branch: .conditional)
          error.add(answer, step.output, step: step.index)
        }
        progress(
          done.withLock {
            $0 += 1
            return $0
          }, samples)
      }
      return error
    }
    return lanes.dropFirst().reduce(into: lanes[0]) { $0.merge($1) }.sqnr
  }
}
