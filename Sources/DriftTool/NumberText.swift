import DriftFormat

/// Integers as people write them on a command line.
package enum NumberText {
  /// A non-negative decimal number without sign, or nil.
  package static func unsigned(_ text: UnsafePointer<CChar>) -> UInt64? {
    var value: UInt64 = 0
    var index = 0
    while text[index] != 0 {
      let digit = UInt8(bitPattern: text[index]) &- 48
      guard digit < 10 else { return nil }
      let (product, first) = value.multipliedReportingOverflow(by: 10)
      let (sum, second) = product.addingReportingOverflow(UInt64(digit))
      guard !first, !second else { return nil }
      value = sum
      index += 1
    }
    return index == 0 ? nil : value
  }

  /// The same, at most `limit`.
  package static func unsigned(_ text: UnsafePointer<CChar>, upTo limit: Int) -> Int? {
    guard let value = unsigned(text), value <= UInt64(limit) else { return nil }
    return Int(truncatingIfNeeded: value)
  }
}
