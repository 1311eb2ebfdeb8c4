import DriftCalibration
import DriftEmission
import DriftGraph
import DriftReference
import DriftSpiking
import Foundation

/// Weighs step groups against events: runs candidate programs on the float sampler's states, with neurons that keep their state from step
/// to step, and counts what they send.
struct EventGroupSearch {
  var source: Checkpoint
  var plan: SamplerPlan
  var options: ConversionOptions

  /// Trajectories, of a seed that is neither calibration's nor the validation's.
  private static let samples = 2
  /// Numbers of groups that are tried besides the one that error alone would choose.
  private static let counts = [1, 2, 4, 8]

  /// Which numbers of groups are worth a try.
  func candidates(automatic: Int) -> [Int] {
    Array(Set(Self.counts.filter { $0 < automatic } + [automatic])).sorted()
  }

  /// - Parameter images: candidates by number of groups, integer programs without neurons.
  func run(_ images: [(groups: Int, image: DriftImage)], progress: @escaping Converter.Progress) throws -> EventGroupReport {
    let sampler = ReferenceSampler(checkpoint: source, plan: plan)
    let trials = try images.map { groups, image in
      (
        groups: groups,
        denoiser: try IntegerDenoiser(encoded: try image.spiking(threshold: options.hysteresis).encode(), counts: true)
      )
    }
    var powers = trials.map { _ in plan.steps.map { _ in (signal: 0.0, noise: 0.0) } }
    for sample in 0..<Self.samples {
      let classLabel = source.graph.classCount > 0 ? sample % source.graph.classCount : nil
      var failure: (any Error)?
      for trial in trials { try trial.denoiser.start() }
      _ = try sampler.generate(
        seed: options.seed &+ 2, sampleIndex: UInt32(sample), classLabel: classLabel,
        clippedEpsilon: options.clippedEpsilon ? true : nil,
        onStep: { step in
          do {
            for (index, trial) in trials.enumerated() {
              let answer = try trial.denoiser.evaluate(step.sample, step: step.index, classLabel: classLabel, branch: .conditional)
              for (ours, theirs) in zip(answer, step.output) {
                powers[index][step.index].signal += Double(theirs) * Double(theirs)
                powers[index][step.index].noise += Double(ours - theirs) * Double(ours - theirs)
              }
            }
            return true
          } catch {
            failure = error
            return false
          }
        })
      if let failure { throw failure }
      progress("weigh events", sample + 1, Self.samples)
    }
    let evaluations = Double(Self.samples * plan.steps.count)
    return EventGroupReport(
      zip(trials, powers).map { trial, powers in
        let ratios = powers.map {
          10 * log10(max($0.signal, .leastNormalMagnitude) / max($0.noise, .leastNormalMagnitude))
        }
        return .init(
          groups: trial.groups, sqnr: ratios.reduce(0, +) / Double(max(ratios.count, 1)),
          synapticOperationsPerStep: Double(trial.denoiser.synapticOperations) / evaluations)
      })
  }
}
