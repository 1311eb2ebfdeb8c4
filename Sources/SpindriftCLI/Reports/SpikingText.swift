import DriftEvaluation
import Foundation

/// What a spiking program does and takes, for people.
enum SpikingText {
  /// Names and values, the verdict last.
  static func facts(_ result: SpikingFigures) -> [(name: String, value: String)] {
    var events = "\(decimals(result.eventsPerNeuronPerStep)) per neuron and step"
    if let first = result.byStep.first, let last = result.byStep.last {
      events += " (first step \(decimals(first)), last \(decimals(last)); \(result.pictures) pictures)"
    }
    let rest =
      result.fires
      ? "neurons reset before each evaluation"
      : result.distance == 0
        ? "all neurons come to rest"
        : "neurons stop \(decimals(result.distancePerNeuron, 4)) levels from rest on average (\(decimals(result.distance, 1)) in all)"
    let strategies = result.strategies
    var facts = [
      ("events", events),
      ("spike time steps", "\(decimals(result.timeSteps, 1)) per evaluation; \(rest)"),
      (
        "synaptic operations",
        "\(millions(result.synapticOperationsPerStep)) per step, \(decimals(result.operationsRatio)) of the "
          + "\(millions(result.denseMultiplyAddsPerStep)) dense multiply-adds; other layers stay dense with "
          + millions(result.staysDenseMultiplyAddsPerStep)
      ),
      (
        "membranes brought up to date",
        "dense \(percent(strategies.dense)), gather \(percent(strategies.gather)), scatter \(percent(strategies.scatter))"
      ),
    ]
    facts += result.energy.map { (("energy, " + $0.table), energy($0)) }
    facts.append(
      (
        "time of a picture's step",
        String(
          format: "%.3f ms (membranes anew at every step: %.3f ms, ratio %.3f)", result.msPerStep, result.denseMsPerStep,
          result.timeRatio)
      ))
    if let against = result.against {
      facts.append(
        ("against \(against.path)", String(format: "%.3f ms, ratio %.3f", against.msPerStep, against.timeRatio)))
    }
    return facts.map { (name: $0.0, value: $0.1) } + [(name: "verdict", value: result.verdict)]
  }

  /// Aligned lines.
  static func lines(_ result: SpikingFigures) -> [String] { TextTable.lines(facts(result).map { [$0.name + ":", $0.value] }) }

  /// The report's section.
  static func section(_ result: SpikingFigures) -> [HTMLReport.Content] {
    let map = HeatMap(
      horizontalLabel: "step, 0 is the noisiest", valueLabel: "events per neuron",
      rows: result.layers.map { (name: $0.name, values: $0.byStep) })
    let layers = result.layers.map { ["\($0.name)", "\($0.neurons)", decimals($0.eventsPerNeuronPerStep)] }
    let convolutions = result.convolutions.map {
      [
        $0.name, decimals($0.synapticOperationsPerStep / 1e6), decimals(Double($0.denseMultiplyAdds) / 1e6),
        decimals($0.synapticOperationsPerStep / Double(max($0.denseMultiplyAdds, 1))), percent($0.strategies.dense),
        percent($0.strategies.gather), percent($0.strategies.scatter),
      ]
    }
    let energy = result.energy.map {
      [
        $0.table, decimals($0.spikingMj, 5), decimals($0.denseInt8Mj, 5), decimals($0.floatMj, 5), decimals($0.ofDenseLayersMj, 5),
        decimals($0.spikingUpdatesMj, 5), decimals($0.denseInt8UpdatesMj, 5), $0.source,
      ]
    }
    return [
      .paragraph(result.verdict),
      .facts(facts(result).dropLast()),
      .paragraph(
        "Events that a neuron sends in one evaluation of the denoiser, all spike time steps together. At a picture's first step all neurons "
          + "start from rest."),
      .heatMap(map),
      .table(headings: ["neurons of", "neurons", "events per neuron and step"], rows: layers),
      .paragraph(
        "Synaptic operations are counted one by one, with strides and without what falls off the borders; the dense multiply-adds beside "
          + "them leave padding out as well."),
      .table(
        headings: ["convolution", "M synaptic operations", "M dense multiply-adds", "ratio", "dense", "gather", "scatter"],
        rows: convolutions),
      .paragraph(
        "Energy of one evaluation in mJ: counts times constants of 45 nm circuits, not a measurement. Layers that stay dense are in all "
          + "three. Turning sums into levels and comparing neurons stands apart, for either side."),
      .table(
        headings: [
          "table", "events", "dense int8", "float", "of events: dense layers", "updates, events", "updates, dense int8", "source",
        ], rows: energy),
    ]
  }

  private static func energy(_ value: SpikingEnergy) -> String {
    String(
      format: "%.5f mJ, dense int8 %.5f mJ, float %.5f mJ per evaluation (updates %.5f and %.5f mJ)", value.spikingMj,
      value.denseInt8Mj, value.floatMj, value.spikingUpdatesMj, value.denseInt8UpdatesMj)
  }

  private static func decimals(_ value: Double, _ digits: Int = 3) -> String { String(format: "%.\(digits)f", value) }
  private static func millions(_ value: Double) -> String { String(format: "%.2f M", value / 1e6) }
  private static func percent(_ share: Double) -> String { String(format: "%.1f %%", 100 * share) }
}
