import CDriftPlatform
import Foundation

/// Standard error: notes and progress, never results. What cannot be written there is dropped.
enum StandardError {
  /// Whether somebody watches.
  static var isTerminal: Bool { drift_is_terminal(STDERR_FILENO) != 0 }

  /// Writes text as it is.
  static func write(_ text: String) {
    let bytes = Array(text.utf8)
    _ = drift_write_all(STDERR_FILENO, bytes, bytes.count)
  }

  /// Writes one line.
  static func note(_ line: String) { write(line + "\n") }
}
