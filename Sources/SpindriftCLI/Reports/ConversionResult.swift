import DriftEvaluation
import DriftQuantization
import Foundation

/// What `spindrift convert` did. Encoded with snake-case keys it is its JSON.
struct ConversionResult: Encodable {
  var output: String
  var fileBytes: Int
  /// From the command's start to the finished file.
  var seconds: Double
  /// Largest resident memory of the whole command.
  var peakRssBytes: UInt64
  /// Layers, step groups, calibration.
  var conversion: ConversionReport
  /// Present with `--report`: what `spindrift compare` prints.
  var comparison: ComparisonFigures?

  private enum CodingKeys: CodingKey { case output, fileBytes, seconds, peakRssBytes, conversion }

  /// The comparison's keys stand beside the conversion's own.
  func encode(to encoder: any Encoder) throws {
    try comparison?.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(output, forKey: .output)
    try container.encode(fileBytes, forKey: .fileBytes)
    try container.encode(seconds, forKey: .seconds)
    try container.encode(peakRssBytes, forKey: .peakRssBytes)
    try container.encode(conversion, forKey: .conversion)
  }

  /// For people.
  func lines() -> [String] {
    let groups = max(conversion.groupBounds.count - 1, 0)
    var lines = [
      "\(output): \(fileBytes) bytes, \(conversion.layers.count) layers, \(groups) step groups; "
        + String(format: "%.1f s, at most %.0f MB of memory", seconds, Double(peakRssBytes) / 1e6)
    ]
    if let mean = conversion.validationSQNR.mean, let worst = conversion.validationSQNR.min() {
      lines.append(
        "noise prediction against float on other noise: mean \(ComparisonText.decibels(mean)), worst step \(ComparisonText.decibels(worst))"
      )
    }
    if let clipping = conversion.clipping { lines += ClippingText.lines(clipping) }
    if let groups = conversion.eventGroups { lines += EventGroupText.lines(groups) }
    if let guidance = conversion.guidance { lines += GuidanceText.lines(guidance) }
    if let cache = conversion.stepCache { lines.append(StepCacheText.line(cache, steps: conversion.groupBounds.last ?? 0)) }
    if let thresholds = conversion.thresholds { lines.append(ThresholdText.line(thresholds)) }
    if let comparison { lines += ComparisonText.lines(comparison) }
    return lines
  }
}
