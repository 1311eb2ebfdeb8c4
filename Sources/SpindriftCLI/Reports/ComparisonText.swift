import DriftEvaluation
import Foundation

/// A comparison for people.
enum ComparisonText {
  /// Names and values, in the order of importance.
  static func facts(_ result: ComparisonFigures) -> [(name: String, value: String)] {
    func ratio(_ value: ComparisonFigures.StepRatio) -> String {
      "mean \(decibels(value.mean)), worst \(decibels(value.worst)) at step \(value.worstStep)"
    }
    var facts: [(String, String)] = [
      ("samples", "\(result.samples), seed \(result.seed), \(result.steps) steps, guidance \(result.guidance)"),
      ("evaluations for a picture", "\(result.evaluationsPerPicture) (float: \(result.floatEvaluationsPerPicture))"),
      ("noise prediction SQNR", ratio(result.sqnrDb)),
      ("next state SQNR", ratio(result.updateSqnrDb)),
      ("same-noise PSNR", "median \(decibels(result.psnrDb.median)), 5th percentile \(decibels(result.psnrDb.p5))"),
      (
        "Frechet distance",
        String(format: "%.4g (float against float with other noise: %.4g)", result.frechet.value, result.frechet.floatFloor)
      ),
    ]
    if let int8 = result.frechet.valueToData, let float = result.frechet.floatToData {
      facts.append(("Frechet distance to real data", String(format: "%.4g (float: %.4g)", int8, float)))
    }
    facts.append(("features", result.frechet.features))
    if let accuracy = result.accuracy {
      func percent(_ share: Double) -> String { String(format: "%.1f %%", 100 * share) }
      facts.append(
        (
          "class recognized",
          "\(percent(accuracy.int8)) (float: \(percent(accuracy.float))), same class in \(percent(accuracy.agreement)) of the pairs"
        ))
    }
    facts.append(("work", work(result.programs, perStep: result.multiplyAddsPerStep)))
    facts.append(("size", "file \(result.fileBytes) bytes, arena \(result.arenaBytes) bytes"))
    facts.append(("time per step", String(format: "%.3f ms (float: %.3f ms), one thread", result.msPerStep, result.floatMsPerStep)))
    return facts.map { (name: $0.0, value: $0.1) } + (result.spiking.map(SpikingText.facts) ?? [])
  }

  /// Aligned lines.
  static func lines(_ result: ComparisonFigures) -> [String] { TextTable.lines(facts(result).map { [$0.name + ":", $0.value] }) }

  /// Multiply-adds of a step, and where a file has several programs, of each.
  static func work(_ programs: [ProgramUse], perStep: Double) -> String {
    func millions(_ value: Double) -> String { String(format: "%.1f M", value / 1e6) }
    let mean = "\(millions(perStep)) int8 multiply-adds a step"
    guard programs.count > 1 else { return mean }
    // A program that no step runs is the decoder.
    let parts = programs.map {
      "\($0.name) \(millions(Double($0.multiplyAdds))) \($0.steps == 0 ? "once a picture" : "at \($0.steps) steps")"
    }
    return "\(mean) (\(parts.joined(separator: ", ")))"
  }

  /// A ratio with its unit.
  static func decibels(_ value: Double) -> String { value.isFinite ? String(format: "%.1f dB", value) : "no error" }
}
