import DriftEvaluation
import DriftQuantization
import Foundation

/// What cheaper guidance costs, for people.
enum GuidanceText {
  /// Columns of ``rows(_:)``.
  static let headings = ["guidance", "evaluations", "float, median", "float, 5 %", "int8, median", "int8, 5 %"]

  /// A row for each way to guide.
  static func rows(_ report: GuidanceReport) -> [[String]] {
    report.ways.map { way in
      [
        way.skipping + (way.skipping == report.skipping ? " (in the file)" : ""), "\(way.evaluations)",
        ComparisonText.decibels(way.floatPsnrDb.median), ComparisonText.decibels(way.floatPsnrDb.p5),
        ComparisonText.decibels(way.int8PsnrDb.median), ComparisonText.decibels(way.int8PsnrDb.p5),
      ]
    }
  }

  /// What the table shows.
  static func caption(_ report: GuidanceReport) -> String {
    "guidance \(report.weight), evaluations for a picture and PSNR to float with full guidance, "
      + "\(report.samples) pictures, seed \(report.seed):"
  }

  /// The report's section: what each way costs, and what the choice was made from.
  static func section(_ report: GuidanceReport) -> [HTMLReport.Content] {
    let steps = report.steps.enumerated().map { index, step in
      [
        "\(index)", step.kind, cosine(step.branches.mean), cosine(step.branches.worst), step.estimate.map { cosine($0.mean) } ?? "",
        step.estimate.map { cosine($0.worst) } ?? "",
        step.factors?.map { String(format: "%.4f", $0) }.joined(separator: ", ") ?? "",
      ]
    }
    let columns = ["step", "guidance", "branches, mean", "branches, worst", "estimate, mean", "estimate, worst", "factors"]
    return [
      .paragraph(caption(report)), .table(headings: headings, rows: rows(report)),
      .paragraph(
        "Cosines of the clean pictures that the class's answer and the estimate mean with that of the null class's answer, over samples and classes; threshold \(report.threshold)."
      ), .table(headings: columns, rows: steps),
    ]
  }

  private static func cosine(_ value: Double) -> String { String(format: "%.6f", value) }

  /// Caption and table.
  static func lines(_ report: GuidanceReport) -> [String] {
    [caption(report)] + TextTable.lines([headings] + rows(report)).map { "  " + $0 }
  }
}
