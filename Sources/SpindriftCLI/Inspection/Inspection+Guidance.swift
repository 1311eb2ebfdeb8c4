import DriftRuntime

extension Inspection {
  /// A row in words.
  static func guidance(_ row: GuidanceRow) -> StepGuidance {
    StepGuidance(kind: "\(row.kind)", factors: row.kind == .estimated ? [row.lastNull, row.lastClass, row.nowClass] : nil)
  }

  /// What guided pictures cost, and which steps save an evaluation; nothing for a model without null class.
  func guidanceLines() -> [String] {
    guard let evaluations = guidedEvaluationsPerPicture else { return [] }
    var lines = ["guidance: \(evaluations) evaluations for a guided picture, \(steps) without guidance"]
    for kind in ["skipped", "estimated"] {
      let indices = guidance.indices.filter { guidance[$0].kind == kind }
      if !indices.isEmpty { lines.append("  \(kind): steps \(Self.ranges(indices))") }
    }
    return lines
  }

  /// `1, 3, 5...9`: ascending numbers, runs of more than two as ranges.
  static func ranges(_ numbers: [Int]) -> String {
    var runs: [ClosedRange<Int>] = []
    for number in numbers {
      if let last = runs.last, last.upperBound + 1 == number {
        runs[runs.count - 1] = last.lowerBound...number
      } else {
        runs.append(number...number)
      }
    }
    return runs.map { run in
      run.count > 2 ? "\(run.lowerBound)...\(run.upperBound)" : run.map(String.init).joined(separator: ", ")
    }.joined(separator: ", ")
  }
}
