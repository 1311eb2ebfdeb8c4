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

  /// The smallest asymmetric range that holds [low, high] and represents 0 exactly.
  public static func covering(low: Double, high: Double) -> OperandRange {
    let low = min(low, 0)
    let high = max(high, 0)
    let scale = max(Float((high - low) / 255), leastScale)
    let zeroPoint = Int32(min(max((-128 - low / Double(scale)).rounded(.toNearestOrEven), -128), 127))
    return OperandRange(scale: scale, zeroPoint: zeroPoint)
  }

  /// The symmetric range [-magnitude, magnitude] in 127 steps each way.
  public static func symmetric(_ magnitude: Double) -> OperandRange {
    OperandRange(scale: max(Float(magnitude / 127), leastScale), zeroPoint: 0)
  }

  /// Least and greatest real value, for a symmetric operand without -128.
  public func bounds(symmetric: Bool) -> (low: Double, high: Double) {
    let lowest: Int32 = symmetric ? -127 : -128
    return (Double(scale) * Double(lowest - zeroPoint), Double(scale) * Double(127 - zeroPoint))
  }

  /// How much more clipping counts than rounding. What calibration clips rarely, some trajectory clips everywhere: about one in thirty
  /// leaves the range of the others and loses 25 dB on models/digits if it is cut, while a wider range costs the others 2 dB.
  private static let clippingWeight = 256.0

  /// Mean squared error that this range makes of the values behind the moments.
  public func meanSquaredError(_ moments: ClippingMoments, symmetric: Bool) -> Double {
    let (low, high) = bounds(symmetric: symmetric)
    return moments.meanSquaredError(low: low, high: high, scale: Double(scale))
  }

  /// The squared error that ranges are chosen by: clipping counts more than rounding.
  public func cost(_ moments: ClippingMoments, symmetric: Bool) -> Double {
    let (low, high) = bounds(symmetric: symmetric)
    return moments.meanSquaredError(low: low, high: high, scale: Double(scale), clippingWeight: Self.clippingWeight)
  }

  /// The range of least cost: ends shrink from the observed extremes in steps of 1 % (QUANTIZATION notes, p = 2).
  public static func search(_ moments: ClippingMoments, symmetric: Bool) -> OperandRange {
    var best = candidate(moments, lowRatio: 1, highRatio: 1, symmetric: symmetric)
    var bestError = best.cost(moments, symmetric: symmetric)
    func consider(_ low: Double, _ high: Double) {
      let range = candidate(moments, lowRatio: low, highRatio: high, symmetric: symmetric)
      let error = range.cost(moments, symmetric: symmetric)
      if error < bestError { (best, bestError) = (range, error) }
    }
    let ratios = stride(from: 1.0, through: 0.4, by: -0.01)
    if symmetric {
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

  private static func candidate(_ moments: ClippingMoments, lowRatio: Double, highRatio: Double, symmetric: Bool) -> OperandRange {
    symmetric
      ? .symmetric(max(-moments.minimum, moments.maximum) * highRatio)
      : .covering(low: moments.minimum * lowRatio, high: moments.maximum * highRatio)
  }
}
