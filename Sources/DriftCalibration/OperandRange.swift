/// Scale and zero point of an 8-bit operand: real = scale * (q - zeroPoint).
public struct OperandRange: Sendable, Equatable {
  package var scale: Float
  package var zeroPoint: Int32

  package init(scale: Float, zeroPoint: Int32) {
    self.scale = scale
    self.zeroPoint = zeroPoint
  }

  /// The least scale that a file holds (docs/arithmetic.md, ground rules).
  public static let leastScale: Float = 0x1p-40

  /// The smallest range that holds [low, high] and represents 0 exactly.
  public static func covering(low: Double, high: Double, levels: OperandLevels = OperandLevels()) -> OperandRange {
    if levels.isSymmetric {
      return OperandRange(scale: max(Float(max(-low, high) / Double(levels.highest)), leastScale), zeroPoint: 0)
    }
    let low = min(low, 0)
    let high = max(high, 0)
    let scale = max(Float((high - low) / Double(levels.count)), leastScale)
    let (lowest, highest) = (Double(levels.lowest), Double(levels.highest))
    let zeroPoint = Int32(min(max((lowest - low / Double(scale)).rounded(.toNearestOrEven), lowest), highest))
    return OperandRange(scale: scale, zeroPoint: zeroPoint)
  }

  /// Least and greatest real value.
  public func bounds(_ levels: OperandLevels) -> (low: Double, high: Double) {
    (Double(scale) * Double(levels.lowest - zeroPoint), Double(scale) * Double(levels.highest - zeroPoint))
  }

  /// Mean squared error that this range makes of the values behind the moments.
  public func meanSquaredError(_ moments: ClippingMoments, _ levels: OperandLevels) -> Double {
    error(moments, levels, clippingWeight: 1)
  }

  /// The squared error that ranges are chosen by: clipping counts more than rounding.
  public func cost(_ moments: ClippingMoments, _ levels: OperandLevels) -> Double {
    error(moments, levels, clippingWeight: levels.clippingWeight)
  }

  private func error(_ moments: ClippingMoments, _ levels: OperandLevels, clippingWeight: Double) -> Double {
    let (low, high) = bounds(levels)
    return levels.areFew
      ? moments.meanSquaredError(low: low, levels: levels.count, scale: Double(scale), clippingWeight: clippingWeight)
      : moments.meanSquaredError(low: low, high: high, scale: Double(scale), clippingWeight: clippingWeight)
  }

  /// The range of least cost: ends shrink from the observed extremes in steps of 1 % (QUANTIZATION notes, p = 2).
  public static func search(_ moments: ClippingMoments, _ levels: OperandLevels) -> OperandRange {
    var best = candidate(moments, lowRatio: 1, highRatio: 1, levels)
    var bestError = best.cost(moments, levels)
    func consider(_ low: Double, _ high: Double) {
      let range = candidate(moments, lowRatio: low, highRatio: high, levels)
      let error = range.cost(moments, levels)
      if error < bestError { (best, bestError) = (range, error) }
    }
    let ratios = stride(from: 1.0, through: levels.leastRatio, by: -0.01)
    if levels.isSymmetric {
      for ratio in ratios { consider(ratio, ratio) }
      return best
    }
    // The two ends trade against each other only through the scale: searching one after the other, twice, finds the joint optimum.
    var low = 1.0
    var high = 1.0
    for _ in 0..<2 {
      for ratio in ratios where improves(ratio, low) { high = ratio }
      for ratio in ratios where improves(high, ratio) { low = ratio }
    }
    func improves(_ highRatio: Double, _ lowRatio: Double) -> Bool {
      let before = bestError
      consider(lowRatio, highRatio)
      return bestError < before
    }
    return best
  }

  private static func candidate(
    _ moments: ClippingMoments, lowRatio: Double, highRatio: Double, _ levels: OperandLevels
  ) -> OperandRange {
    .covering(low: moments.minimum * lowRatio, high: moments.maximum * highRatio, levels: levels)
  }
}

extension OperandLevels {
  /// How far ranges shrink from the observed extremes.
  fileprivate var leastRatio: Double { areFew ? 0.05 : 0.4 }
}
