import DriftCalibration
import DriftEmission
import DriftGraph

extension Converter {
  /// Where levels are few, chooses how much clipping weighs, and with it all scales, by the pictures that come out.
  /// - Returns: nil where nothing was to be chosen.
  func chooseClipping(
    _ assembly: inout ImageAssembly, statistics: CalibrationStatistics, progress: @escaping Progress
  ) throws -> ClippingReport? {
    guard OperandLevels(options.levels).areFew, !assembly.program.isSpiking else { return nil }
    let search = ClippingSearch(options: options)
    let choices = search.candidates.map { weight in
      var candidate = assembly
      candidate.program = assembly.program.withClippingWeight(weight)
      candidate.scales = candidate.program.chooseScales(statistics, groups: options.stepGroups, weighting: options.weighting)
      return (weight: weight, assembly: candidate)
    }
    let report = try search.run(choices, progress: progress)
    if let best = choices.first(where: { $0.weight == report.chosen }) { assembly = best.assembly }
    return report
  }

  /// Where a program is going to send events and nobody says how many step groups it has, weighs them against events.
  /// - Parameter source: the checkpoint with the graph that was lowered.
  /// - Returns: nil where nothing was to be chosen.
  func chooseEventGroups(
    _ assembly: inout ImageAssembly, statistics: CalibrationStatistics, source: Checkpoint, progress: @escaping Progress
  ) throws -> EventGroupReport? {
    guard options.allowsNeurons, options.stepGroups == .automatic, !assembly.program.isSpiking, options.stepCache == .none else {
      return nil
    }
    let automatic = assembly.scales.grouping.groups.count
    let search = EventGroupSearch(source: source, plan: assembly.plan, options: options)
    let choices = search.candidates(automatic: automatic).map { count in
      var candidate = assembly
      if count != automatic {
        candidate.scales = assembly.program.chooseScales(statistics, groups: .count(count), weighting: options.weighting)
      }
      return (groups: count, assembly: candidate)
    }
    let report = try search.run(try choices.map { ($0.groups, try $0.assembly.image(nil)) }, progress: progress)
    if let best = choices.first(where: { $0.groups == report.chosen }) { assembly = best.assembly }
    return report
  }
}
