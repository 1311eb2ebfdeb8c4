import DriftEvaluation
import DriftGraph
import DriftQuantization
import Foundation

/// The HTML report of a conversion.
enum ConversionPage {
  /// The page.
  static func render(
    checkpoint: Checkpoint, model: ModelFile, result: ConversionResult, outcome: Comparison.Outcome
  ) throws -> String {
    let inspection = Inspection(model)
    var report = HTMLReport(title: "Conversion of \(checkpoint.description)")
    report.add("Summary", [.facts(summary(result, inspection) + ComparisonText.facts(outcome.result))])
    let png = try PictureSheet(model).png(float: outcome.floatPictures, integer: outcome.integerPictures)
    report.add(
      "Samples", [.picture(png: png, caption: "Float reference in odd rows, int8 from the same noise in the even rows below them.")]
    )
    let chart = LineChart(
      horizontalLabel: "step, 0 is the noisiest", verticalLabel: "SQNR, dB",
      series: [
        .init(name: "noise prediction", values: outcome.result.sqnrDb.steps),
        .init(name: "next state", values: outcome.result.updateSqnrDb.steps),
      ])
    report.add(
      "Error by step",
      [
        .paragraph(
          "Both sides see the float trajectory's states. Near the clean end little noise is left to predict, so the prediction's ratio says "
            + "little there; the next state is what the picture sees."),
        .chart(chart),
      ])
    let choices =
      (result.conversion.clipping.map(ClippingText.lines) ?? []) + (result.conversion.eventGroups.map(EventGroupText.lines) ?? [])
    if !choices.isEmpty { report.add("Choices", choices.map { .paragraph($0) }) }
    if let thresholds = result.conversion.thresholds { report.add("Thresholds", [.paragraph(ThresholdText.line(thresholds))]) }
    if let spiking = outcome.result.spiking { report.add("Events", SpikingText.section(spiking)) }
    if let guidance = result.conversion.guidance { report.add("Guidance", GuidanceText.section(guidance)) }
    if let cache = result.conversion.stepCache {
      let trials: [HTMLReport.Content] =
        cache.trials.isEmpty ? [] : [.table(headings: StepCacheText.headings, rows: StepCacheText.rows(cache))]
      report.add("Step cache", [.facts(StepCacheText.facts(cache))] + trials)
    }
    report.add("Step groups", [.table(headings: ["group", "steps", "timesteps"], rows: groups(inspection))])
    report.add(
      "Layers",
      [
        .table(
          headings: ["layer", "shape", "M multiply-adds", "operand bits", "weights, dB", "operand, dB"],
          rows: result.conversion.layers.map(row))
      ])
    report.add(
      "Activations",
      [
        .table(
          headings: ["tensor", "type", "shape", "least scale", "largest scale", "zero points"],
          rows: inspection.tensors.filter { $0.type != "float32" }.map(row))
      ])
    return report.render()
  }

  private static func summary(_ result: ConversionResult, _ inspection: Inspection) -> [(name: String, value: String)] {
    [
      ("file", "\(result.output), \(result.fileBytes) bytes"),
      ("converted in", String(format: "%.1f s, at most %.0f MB of memory", result.seconds, Double(result.peakRssBytes) / 1e6)),
      (
        "sampler",
        "\(inspection.metadata["sampler"] ?? "unnamed"), \(inspection.steps) steps, \(inspection.stepGroups) groups of shared scales"
      ),
      ("calibration", "\(result.conversion.calibrationSamples) trajectories, seed \(result.conversion.calibrationSeed)"),
      ("arena", "\(inspection.arenaBytes) bytes, lower bound \(inspection.arenaLowerBoundBytes)"),
    ]
  }

  private static func groups(_ inspection: Inspection) -> [[String]] {
    inspection.groupRanges.map { range in
      let timesteps = [range.firstStep, range.lastStep].map { String(format: "%g", inspection.timesteps[$0]) }
      return ["\(range.group)", "\(range.firstStep) to \(range.lastStep)", timesteps.joined(separator: " to ")]
    }
  }

  private static func row(_ layer: ConversionReport.Layer) -> [String] {
    [
      layer.name, layer.shape.map(String.init).joined(separator: "x"), String(format: "%.2f", Double(layer.multiplyAdds) / 1e6),
      "\(layer.activationBits)", String(format: "%.1f", layer.weightSQNR), String(format: "%.1f", layer.operandSQNR),
    ]
  }

  private static func row(_ tensor: Inspection.Tensor) -> [String] {
    let points = Set(tensor.zeroPoints)
    let (low, high) = (points.min() ?? 0, points.max() ?? 0)
    return [
      tensor.name, tensor.type, tensor.shape.map(String.init).joined(separator: "x"),
      String(format: "%.4g", tensor.scales.min() ?? 0), String(format: "%.4g", tensor.scales.max() ?? 0),
      low == high ? "\(low)" : "\(low) to \(high)",
    ]
  }
}
