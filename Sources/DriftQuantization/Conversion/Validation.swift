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
    let encoded = try image.encode()
    let sampler = ReferenceSampler(checkpoint: checkpoint, plan: plan)
    let done = Mutex(0)
    let lanes = try LaneRunner.run { lane in
      let integer = try IntegerDenoiser(encoded: encoded)
      var powers = [(signal: Double, noise: Double)](repeating: (0, 0), count: plan.steps.count)
      for sample in stride(from: lane, to: samples, by: LaneRunner.laneCount) {
        let classLabel = checkpoint.graph.classCount > 0 ? sample % checkpoint.graph.classCount : nil
        var failure: (any Error)?
        try integer.start()
        _ = try sampler.generate(
          seed: options.seed &+ 1, sampleIndex: UInt32(sample), classLabel: classLabel,
          clippedEpsilon: options.clippedEpsilon ? true : nil,
          onStep: { step in
            do {
              let answer = try integer.evaluate(step.sample, step: step.index, classLabel: classLabel, branch: .conditional)
              for (ours, theirs) in zip(answer, step.output) {
                powers[step.index].signal += Double(theirs) * Double(theirs)
                powers[step.index].noise += Double(ours - theirs) * Double(ours - theirs)
              }
              return true
            } catch {
              failure = error
              return false
            }
          })
        if let failure { throw failure }
        progress(
          done.withLock {
            $0 += 1
            return $0
          }, samples)
      }
      return powers
    }
    return plan.steps.indices.map { step in
      let signal = lanes.reduce(0) { $0 + $1[step].signal }
      let noise = lanes.reduce(0) { $0 + $1[step].noise }
      return 10 * log10(max(signal, .leastNormalMagnitude) / max(noise, .leastNormalMagnitude))
    }
  }
}
