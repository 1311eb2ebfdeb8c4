/// The values that an 8-bit operand can take.
public struct OperandLevels: Sendable, Equatable {
  /// Steps from the least to the greatest value.
  package let count: Int
  /// Whether zero lies in the middle: query, key and value of an attention.
  package let isSymmetric: Bool

  /// The greatest number of levels, and the default.
  public static let most = 255

  /// - Parameters:
  ///   - count: 1 to 255. Symmetric operands have the even number that is not greater, but at least 2.
  public init(_ count: Int = most, isSymmetric: Bool = false) {
    self.count = isSymmetric ? max(count / 2 * 2, 2) : count
    self.isSymmetric = isSymmetric
  }

  /// The least value.
  public var lowest: Int32 { isSymmetric ? -Int32(count / 2) : -128 }

  /// The greatest value.
  public var highest: Int32 { lowest + Int32(count) }
}
