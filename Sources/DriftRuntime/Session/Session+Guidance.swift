import CDriftFormat
import DriftFormat

extension Session {
  /// How a step guides. Where no step since ``start(_:)`` has left answers to estimate from, both classes are evaluated.
  func guidance(of step: drift_step) -> GuidanceRow {
    let row = GuidanceRow(step)
    return row.kind == .estimated && !hasLastAnswers ? .full : row
  }

  /// Guides the class's answer in place, after it has been kept for the estimates of later steps.
  func guide(_ answer: UnsafeMutableBufferPointer<Float>, _ guidance: GuidanceRow, weight: Float) {
    let null = buffer(file.model.guidance_tensor)
    let kept = buffer(file.model.class_tensor)
    guard let unconditional = null.baseAddress, let now = answer.baseAddress else { return }
    if guidance.kind == .estimated, let last = kept.baseAddress { guidance.estimate(null, last: last, now: now) }
    for i in 0..<kept.count { kept[i] = now[i] }
    SamplerRow.guide(answer, unconditional: unconditional, weight: weight)
  }
}
