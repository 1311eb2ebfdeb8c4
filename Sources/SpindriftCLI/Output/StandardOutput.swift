import CDriftPlatform
import Foundation

/// Standard output: what a command was asked for, and nothing else.
enum StandardOutput {
  /// Writes text and the end of its line.
  /// - Throws: `CommandError` with the system's reason, so that a full disk behind a redirection does not pass for success.
  static func print(_ text: String) throws(CommandError) {
    let bytes = Array((text + "\n").utf8)
    let problem = drift_write_all(STDOUT_FILENO, bytes, bytes.count)
    guard problem == 0 else {
      throw CommandError("standard output: cannot be written: \(String(cString: drift_error_text(problem)))")
    }
  }
}
