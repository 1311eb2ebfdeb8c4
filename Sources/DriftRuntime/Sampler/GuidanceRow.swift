import CDriftFormat

/// How one step of the sampler guides: docs/arithmetic.md, "Guidance". The converter's float reference applies the same code.
public struct GuidanceRow: Sendable, Equatable {
  /// Which evaluations a guided step makes.
  public enum Kind: Sendable {
    /// The null class's and the class's: two.
    case full
    /// The class's alone, which is the answer: one. The request's weight is ignored.
    case skipped
    /// The class's; the null class's answer is estimated from it and from the last answers: one.
    case estimated
  }

  /// Which evaluations are made.
  public var kind: Kind
  /// Factors of the null class's last answer, of the class's last answer and of the class's answer now; 0 unless `estimated`.
  public var lastNull: Float, lastClass: Float, nowClass: Float

  /// Two evaluations, as guidance is defined.
  public static var full: GuidanceRow { GuidanceRow(kind: .full, lastNull: 0, lastClass: 0, nowClass: 0) }
  /// One evaluation, the class's.
  public static var skipped: GuidanceRow { GuidanceRow(kind: .skipped, lastNull: 0, lastClass: 0, nowClass: 0) }

  /// One evaluation and an estimate.
  public static func estimated(lastNull: Float, lastClass: Float, nowClass: Float) -> GuidanceRow {
    GuidanceRow(kind: .estimated, lastNull: lastNull, lastClass: lastClass, nowClass: nowClass)
  }

  private init(kind: Kind, lastNull: Float, lastClass: Float, nowClass: Float) {
    self.kind = kind
    (self.lastNull, self.lastClass, self.nowClass) = (lastNull, lastClass, nowClass)
  }

  /// The row that a file holds.
  public init(_ step: drift_step) {
    if step.guidance == 0 {
      self = .skipped
    } else if step.null_source == UInt32(truncatingIfNeeded: DRIFT_NULL_ESTIMATED.rawValue) {
      self = .estimated(lastNull: step.estimate.0, lastClass: step.estimate.1, nowClass: step.estimate.2)
    } else {
      self = .full
    }
  }

  /// The weight that a step guides with: 1 where it ignores the request's.
  public func weight(_ requested: Float) -> Float { kind == .skipped ? 1 : requested }

  /// Evaluations of the denoiser that a step makes for a request's weight.
  public func evaluations(_ requested: Float) -> Int { kind == .full && requested != 1 ? 2 : 1 }

  /// Replaces the null class's last answer by an estimate of its answer now.
  /// - Parameters:
  ///   - null: the last answer or estimate, `count` values; the result.
  ///   - last: the class's last answer.
  ///   - now: the class's answer at this step, before guidance.
  public func estimate(_ null: UnsafeMutableBufferPointer<Float>, last: UnsafePointer<Float>, now: UnsafePointer<Float>) {
    for i in 0..<null.count {
      var value = lastNull * null[i]
      value = value + lastClass * last[i]
      value = value + nowClass * now[i]
      null[i] = value
    }
  }
}
