import CDriftFormat

extension Verifier {
  /// Rules 440 to 443, and that the class's last answer has a place exactly if a step needs it (220).
  func verifyGuidance() throws(DriftError) {
    var isEvaluated = false
    var estimates = false
    for index in 0..<file.steps.count {
      let step = file.steps[index]
      try verifyNullSource(of: step, index)
      let isEstimate = step.null_source == DRIFT_NULL_ESTIMATED.rawValue
      try verifyEstimate(of: step, index, isEstimate)
      // What an estimate starts from must be there: both answers are kept by every step that evaluates or estimates.
      guard !isEstimate || isEvaluated else {
        throw stepError(.estimateUnfounded, index, DRIFT_AT_step_null_source, found: UInt64(step.null_source))
      }
      if isEstimate { estimates = true } else if step.guidance != 0 { isEvaluated = true }
    }
    guard estimates == (file.model.class_tensor != .absent) else {
      throw modelError(
        .classTensorInvalid, DRIFT_AT_model_class_tensor, expected: estimates ? 1 : 0,
        found: UInt64(signed: file.model.class_tensor))
    }
  }

  private func verifyNullSource(of step: drift_step, _ index: Int) throws(DriftError) {
    let canEstimate = step.guidance != 0 && file.model.null_class != .absent
    let largest = canEstimate ? DRIFT_NULL_ESTIMATED.rawValue : DRIFT_NULL_EVALUATED.rawValue
    guard step.null_source <= largest else {
      throw stepError(
        .nullSourceInvalid, index, DRIFT_AT_step_null_source, expected: UInt64(largest), found: UInt64(step.null_source))
    }
  }

  private func verifyEstimate(of step: drift_step, _ index: Int, _ isEstimate: Bool) throws(DriftError) {
    for position in 0..<3 {
      let factor = step.estimateFactor(position)
      let field = DRIFT_AT_step_estimate + position * 4
      guard isEstimate || factor.bitPattern == 0 else {
        throw stepError(.estimateUnused, index, field, found: UInt64(float: factor))
      }
      guard factor.isUsable(upTo: FormatLimits.largestEstimateFactor) else {
        throw stepError(
          .estimateOutOfRange, index, field, expected: UInt64(float: FormatLimits.largestEstimateFactor),
          found: UInt64(float: factor))
      }
    }
  }
}
