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
    let stateFactor = clippedEpsilon ? clippedA : a
    let estimateFactor = clippedEpsilon ? clippedB : b
    let outputFactor = clippedEpsilon ? 0 : g
    let fresh = d == 0 ? nil : noise
    let given = m == 0 ? nil : conditioning
    let history0 = c.0 == 0 ? nil : history.0
    let history1 = c.1 == 0 ? nil : history.1
    let history2 = c.2 == 0 ? nil : history.2
    let history3 = c.3 == 0 ? nil : history.3
    let kept = slot(history)
    for i in 0..<x.count {
      let state = x[i]
      var estimate = p * state + q * e[i]
      if clips {
        estimate = estimate < clipLow ? clipLow : estimate
        estimate = estimate > clipHigh ? clipHigh : estimate
      }
      var next = stateFactor * state
      next = next + estimateFactor * estimate
      if outputFactor != 0 { next = next + outputFactor * e[i] }
      if let history0 { next = next + c.0 * history0[i] }
      if let history1 { next = next + c.1 * history1[i] }
      if let history2 { next = next + c.2 * history2[i] }
      if let history3 { next = next + c.3 * history3[i] }
      if let given { next = next + m * given[i] }
      if let fresh { next = next + d * fresh[i] }
      x[i] = next
      if let kept {
        switch writeSource {
        case .state: kept[i] = state
        case .estimate: kept[i] = estimate
        case .output: kept[i] = e[i]
        }
      }
    }
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
