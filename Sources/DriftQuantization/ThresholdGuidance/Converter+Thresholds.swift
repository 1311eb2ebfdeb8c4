import DriftCalibration
import DriftEmission
import DriftGraph
import DriftReference
import Foundation

extension Converter {
  /// Trajectories of the search, and as many of other noise that decide whether it gained.
  private static let thresholdSamples = 8

  /// What guidance has to gain on the other noise to be kept, in dB: less is chance.
  private static let leastGain = 0.1

  /// Searches the scales of a converted image's 8-bit operands and leaves those in the image that gain on noise that the search has not seen.
  func guideThresholds(
    _ image: inout DriftImage, program: LoweredProgram, source: Checkpoint, plan: SamplerPlan, progress: @escaping Progress
  ) throws -> ThresholdReport {
    let groups = Dictionary(grouping: image.steps.indices) { image.steps[$0].group }.sorted { $0.key < $1.key }.map { steps in
      (steps.value.min() ?? 0)..<(steps.value.max() ?? 0) + 1
    }
    let steps = Set(groups.flatMap { ThresholdSearch.steps(of: $0) })
    // Validation has the next seed, guidance the one after it.
    let seeds = (search: options.seed &+ 3, other: options.seed &+ 4)
    func states(_ seed: UInt64) throws -> TeacherStates {
      try TeacherStates.walk(
        source, plan: plan, samples: Self.thresholdSamples, seed: seed, stepsToKeep: steps, clippedEpsilon: options.clippedEpsilon)
    }
    let (seen, unseen) = (try states(seeds.search), try states(seeds.other))
    var search = ThresholdSearch(image: image, layers: program.thresholdLayers, groups: groups, states: seen)
    let factors = try search.run { progress("search thresholds", $0, $1) }
    search.multiply(by: factors)
    let globalFactor = try search.globalFactor()
    search.multiply(by: globalFactor)

    let ordered = steps.sorted()
    func decibels(_ states: TeacherStates, _ image: DriftImage) throws -> Double {
      let errors = try states.errors(of: image, steps: ordered)
      return errors.reduce(0) { $0 - 10 * log10(max($1, .leastNormalMagnitude)) } / Double(max(errors.count, 1))
    }
    var report = ThresholdReport(
      scales: factors.reduce(0) { $0 + $1.count }, changed: factors.joined().filter { $0 != 1 }.count, globalFactor: globalFactor,
      searchBefore: try decibels(seen, image), searchAfter: try decibels(seen, search.image),
      otherBefore: try decibels(unseen, image), otherAfter: try decibels(unseen, search.image), isKept: false)
    report.isKept = report.otherAfter >= report.otherBefore + Self.leastGain
    if report.isKept {
      image = search.image
      image.metadata.append(("threshold_guidance", "on"))
    }
    return report
  }
}

extension ActivationScales {
  /// The scales that an image holds.
  func taken(from image: DriftImage) -> ActivationScales {
    var result = self
    for group in ranges.indices {
      for tensor in ranges[group].indices { result.ranges[group][tensor].scale = image.quantization[group][tensor].scale }
    }
    return result
  }
}

extension LoweredProgram {
  /// 8-bit operands in the order in which they are written, in at most so many runs as a search takes. Levels that the network was trained
  /// with, spikes among them, are not for the search.
  var thresholdLayers: [[Int]] {
    let operands = operators.filter { op in
      if case .load = op.kind { false } else { tensors[op.output].levels != nil && tensors[op.output].trained == nil }
    }.map(\.output)
    let count = min(operands.count, ThresholdSearch.greatestLayerCount)
    return (0..<count).map { Array(operands[$0 * operands.count / count..<($0 + 1) * operands.count / count]) }
  }
}
