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
    var errors = trials.map { _ in PredictionError(steps: plan.steps.count) }
    for sample in 0..<Self.samples {
      for trial in trials { try trial.denoiser.start() }
      try sampler.walk(
        seed: options.seed &+ 2, sample: sample, classCount: source.graph.classCount, clippedEpsilon: options.clippedEpsilon
      ) { step, classLabel in
        for (index, trial) in trials.enumerated() {
          let answer = try trial.denoiser.evaluate(step.sample, step: step.index, classLabel: classLabel, branch: .conditional)
          errors[index].add(answer, step.output, step: step.index)
        }
      }
      progress("weigh events", sample + 1, Self.samples)
    }
    let evaluations = Double(Self.samples * plan.steps.count)
    return EventGroupReport(
      zip(trials, errors).map { trial, error in
        .init(
          groups: trial.groups, sqnr: error.sqnr.reduce(0, +) / Double(max(plan.steps.count, 1)),
          synapticOperationsPerStep: Double(trial.denoiser.synapticOperations) / evaluations)
      })
  }
}
