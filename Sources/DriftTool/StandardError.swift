import CDriftPlatform
import DriftFormat

/// Text for people, written piece by piece: nothing is put together in memory.
package enum StandardError {
  private static let descriptor: Int32 = 2

  /// Whether somebody is watching.
  package static var isTerminal: Bool { drift_is_terminal(descriptor) != 0 }

  /// Text that stands in the program.
  package static func write(_ text: StaticString) {
    _ = drift_write_all(descriptor, text.utf8Start, text.utf8CodeUnitCount)
  }

  /// Zero-terminated text from outside, such as a path.
  package static func write(argument text: UnsafePointer<CChar>) {
    var count = 0
    while text[count] != 0 { count += 1 }
    _ = drift_write_all(descriptor, text, count)
  }

  /// A decimal number.
  package static func write(_ number: UInt64) {
    DecimalDigits(number).withBytes { _ = drift_write_all(descriptor, $0.baseAddress.unsafelyUnwrapped, $0.count) }
  }

  /// A decimal number.
  package static func write(_ number: Int) {
    if number < 0 { write("-") }
    write(UInt64(number.magnitude))
  }
}
