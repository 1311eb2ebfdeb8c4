import CDriftKernels

extension SamplerRow {
  /// The history slots of multistep samplers, each as long as the state; nil where a model has none.
  public typealias History = (
    UnsafeMutablePointer<Float>?, UnsafeMutablePointer<Float>?, UnsafeMutablePointer<Float>?, UnsafeMutablePointer<Float>?
  )

  /// Replaces the state by the next step's.
  ///
  /// All buffers hold the sample's values in one order (any: the arithmetic is per value).
  /// - Parameters:
  ///   - x: The state, `count` values, in place.
  ///   - e: The model's output, after guidance.
  ///   - noise: Fresh normal noise; needed when `addsNoise`.
  ///   - conditioning: y of the row, taken as absent when nil.
  ///   - history: Slots to read and write.
  ///   - clippedEpsilon: Re-derive the noise from the clipped estimate.
  public func apply(
    x: UnsafeMutableBufferPointer<Float>, e: UnsafePointer<Float>, noise: UnsafePointer<Float>? = nil,
    conditioning: UnsafePointer<Float>? = nil, history: History = (nil, nil, nil, nil), clippedEpsilon: Bool
  ) {
    guard let state = x.baseAddress else { return }
    // The order of the addends is the arithmetic's.
    var terms = drift_sampler_terms(
      p: p, q: q, a: clippedEpsilon ? clippedA : a, b: clippedEpsilon ? clippedB : b, g: clippedEpsilon ? 0 : g,
      clips: clips ? 1 : 0, clip_low: clipLow, clip_high: clipHigh, factors: (c.0, c.1, c.2, c.3, m, d),
      addends: (
        c.0 == 0 ? nil : UnsafePointer(history.0), c.1 == 0 ? nil : UnsafePointer(history.1),
        c.2 == 0 ? nil : UnsafePointer(history.2), c.3 == 0 ? nil : UnsafePointer(history.3), m == 0 ? nil : conditioning,
        d == 0 ? nil : noise
      ), kept: slot(history), kept_source: writeSource.rawValue)
    drift_sampler_update(&terms, state, e, x.count)
  }

  /// Classifier-free guidance: `e = e0 + weight * (e1 - e0)` with e1, the class's output, replaced in place.
  /// - Parameters:
  ///   - e: Output for the class, `count` values; the result.
  ///   - unconditional: Output for the null class.
  public static func guide(_ e: UnsafeMutableBufferPointer<Float>, unconditional: UnsafePointer<Float>, weight: Float) {
    for i in 0..<e.count {
      e[i] = unconditional[i] + weight * (e[i] - unconditional[i])
    }
  }

  private func slot(_ history: History) -> UnsafeMutablePointer<Float>? {
    switch writeSlot {
    case 0: return history.0
    case 1: return history.1
    case 2: return history.2
    case 3: return history.3
    default: return nil
    }
  }
}
