import DriftRuntime

/// The integer program's answers to the states of one walk, guided as a session guides: a step may skip the null class or estimate its
/// answer from the last ones. Ask for the steps in their order.
package struct GuidedAnswers {
  private let integer: IntegerSource
  private let request: PictureRequest
  private var lastNull: [Float] = []
  private var lastClass: [Float] = []

  package init(_ integer: IntegerSource, _ request: PictureRequest) {
    self.integer = integer
    self.request = request
  }

  /// The answer to a state at a step.
  package mutating func answer(_ state: [Float], step: Int) throws(ModelFileError) -> [Float] {
    let row = GuidanceRow(integer.model.file.steps[step])
    var answer = try integer.evaluate(state, step: step, classLabel: request.classLabel, branch: .conditional)
    let weight = row.weight(request.guidance)
    guard weight != 1 else { return answer }
    if row.kind == .full {
      lastNull = try integer.evaluate(state, step: step, classLabel: integer.nullClass, branch: .unconditional)
    } else {
      estimate(row, now: answer)
    }
    lastClass = answer
    answer.withUnsafeMutableBufferPointer { answer in
      lastNull.withUnsafeBufferPointer { null in
        guard let base = null.baseAddress else { return }
        SamplerRow.guide(answer, unconditional: base, weight: weight)
      }
    }
    return answer
  }

  private mutating func estimate(_ row: GuidanceRow, now: [Float]) {
    lastNull.withUnsafeMutableBufferPointer { null in
      lastClass.withUnsafeBufferPointer { last in
        now.withUnsafeBufferPointer { now in
          guard let last = last.baseAddress, let now = now.baseAddress else { return }
          row.estimate(null, last: last, now: now)
        }
      }
    }
  }
}
