/// The decimal digits of a number.
package struct DecimalDigits {
  private static let capacity = 20

  private var digits = InlineArray<20, UInt8>(repeating: 0)
  private var start = DecimalDigits.capacity

  /// The digits of a number.
  package init(_ number: UInt64) {
    var rest = number
    repeat {
      start -= 1
      digits[start] = UInt8(truncatingIfNeeded: rest % 10) + 48
      rest /= 10
    } while rest > 0
  }

  /// The digits as ASCII, most significant first.
  package func withBytes(_ body: (UnsafeBufferPointer<UInt8>) -> Void) {
    digits.span.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[start...])) }
  }
}
