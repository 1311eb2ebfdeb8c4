/// The values that an 8-bit operand can take.
public struct OperandLevels: Sendable, Equatable {
  /// Steps from the least to the greatest value.
  package let count: Int
  /// Whether zero lies in the middle: query, key and value of an attention.
  package let isSymmetric: Bool
  /// How much more clipping counts than rounding where ranges are chosen.
  package let clippingWeight: Double

  /// The greatest number of levels, and the default.
  public static let most = 255

  /// - Parameters:
  ///   - count: 1 to 255. Symmetric operands have the even number that is not greater, but at least 2.
  ///   - clippingWeight: how much more clipping counts than rounding; nil: what suits most networks.
  public init(_ count: Int = most, isSymmetric: Bool = false, clippingWeight: Double? = nil) {
    self.count = isSymmetric ? max(count / 2 * 2, 2) : count
    self.isSymmetric = isSymmetric
    self.clippingWeight = clippingWeight ?? Self.clippingWeight(self.count)
  }

  /// What calibration clips rarely, some trajectory clips everywhere: about one in thirty leaves the range of the others and loses 25 dB on
  /// models/digits if it is cut, while a wider range costs the others 2 dB. The fewer the levels, the more a wider range costs
  /// (docs/quantization.md, Levels).
  package static func clippingWeight(_ count: Int) -> Double { count < fewLevels ? max(4, Double(count) / 4) : 256 }

  /// Below this rounding is no longer noise of an even distribution between two levels.
  package static let fewLevels = 128

  /// Whether errors are counted level by level.
  package var areFew: Bool { count < Self.fewLevels }

  /// The least value.
  public var lowest: Int32 { isSymmetric ? -Int32(count / 2) : -128 }

  /// The greatest value.
  public var highest: Int32 { lowest + Int32(count) }
}
