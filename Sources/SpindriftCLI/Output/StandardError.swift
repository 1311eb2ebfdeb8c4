import Foundation

/// Standard error: notes and progress, never results.
struct StandardError: TextOutputStream {
  /// Whether somebody watches.
  static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }

  mutating func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }

  /// Writes one line.
  static func note(_ line: String) {
    var stream = StandardError()
    print(line, to: &stream)
  }
}
