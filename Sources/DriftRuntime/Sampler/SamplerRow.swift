import CDriftFormat

/// One step of the sampler as coefficients: docs/arithmetic.md, "The sampler". The converter's float reference applies the same code.
///
///     x0 = p*x + q*e, clamped if the step clips
///     x' = a*x + b*x0 + g*e + sum_k c[k]*h[k] + m*y + d*z        then history[writeSlot] <- x, x0 or e
public struct SamplerRow: Sendable {
  /// What a step keeps for later steps.
  public enum HistorySource: UInt32, Sendable {
    case state = 0
    case estimate = 1
    case output = 2
  }

  /// Give the clean estimate from state and model output.
  public var p: Float, q: Float
  /// Weigh state, clean estimate and model output.
  public var a: Float, b: Float, g: Float
  /// Replace a and b, with g = 0, where the noise is re-derived from the clipped estimate.
  public var clippedA: Float, clippedB: Float
  /// Weigh the history slots.
  public var c: (Float, Float, Float, Float)
  /// Weighs the conditioning.
  public var m: Float
  /// Standard deviation of fresh noise.
  public var d: Float
  /// Whether the clean estimate is clamped to `clipLow...clipHigh`.
  public var clips: Bool
  /// Bounds of the clean estimate.
  public var clipLow: Float, clipHigh: Float
  /// History slot that this step writes, -1 for none.
  public var writeSlot: Int32
  /// What goes into `writeSlot`.
  public var writeSource: HistorySource

  /// A row without history and conditioning.
  public init(
    p: Float, q: Float, a: Float, b: Float, g: Float, clippedA: Float, clippedB: Float, d: Float, clip: (low: Float, high: Float)?
  ) {
    (self.p, self.q, self.a, self.b, self.g) = (p, q, a, b, g)
    (self.clippedA, self.clippedB, self.d) = (clippedA, clippedB, d)
    (c, m) = ((0, 0, 0, 0), 0)
    clips = clip != nil
    (clipLow, clipHigh) = (clip?.low ?? 0, clip?.high ?? 0)
    (writeSlot, writeSource) = (-1, .state)
  }

  /// The row that a file holds.
  public init(_ step: drift_step) {
    (p, q, a, b, g) = (step.p, step.q, step.a, step.b, step.g)
    (clippedA, clippedB, d) = (step.clipped_a, step.clipped_b, step.d)
    (c, m) = (step.c, step.m)
    clips = step.flags & UInt32(truncatingIfNeeded: DRIFT_STEP_CLIP.rawValue) != 0
    (clipLow, clipHigh) = (step.clip_low, step.clip_high)
    (writeSlot, writeSource) = (step.write_slot, HistorySource(rawValue: step.write_source) ?? .state)
  }

  /// Whether this step needs fresh noise.
  public var addsNoise: Bool { d != 0 }
}
