import Synchronization

/// A progress bar on standard error, drawn only when that is a terminal. Safe to use from several threads.
final class ProgressBar: Sendable {
  private struct State {
    var stage = ""
    var started = ContinuousClock.now
    var drawn = ContinuousClock.now
    var isOpen = false
  }

  private let state = Mutex(State())
  private let isTerminal = StandardError.isTerminal

  /// Shows how far a stage is; a new stage starts a new line.
  func update(_ stage: String, _ done: Int, of total: Int) {
    guard isTerminal else { return }
    state.withLock { state in
      let now = ContinuousClock.now
      if state.stage != stage || !state.isOpen {
        if state.isOpen { StandardError.write("\n") }
        state.stage = stage
        state.started = now
        state.isOpen = true
      } else if done < total, now - state.drawn < .milliseconds(100) {
        return
      }
      state.drawn = now
      StandardError.write("\r\u{1B}[K" + Self.line(stage, done, of: total, seconds: (now - state.started) / .seconds(1)))
      if done >= total {
        StandardError.write("\n")
        state.isOpen = false
      }
    }
  }

  /// Ends an unfinished line, so that what follows starts on its own.
  func finish() {
    state.withLock { state in
      if state.isOpen { StandardError.write("\n") }
      state.isOpen = false
    }
  }

  /// `stage [#####.....]  12/50  3 s left`
  static func line(_ stage: String, _ done: Int, of total: Int, seconds: Double) -> String {
    let width = 30
    let filled = total > 0 ? min(max(done * width / total, 0), width) : 0
    let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: width - filled)
    var line = "\(stage) [\(bar)] \(done)/\(total)"
    if done > 0, done < total, seconds > 1 {
      line += "  \(Int((seconds / Double(done) * Double(total - done)).rounded(.up))) s left"
    }
    return line
  }
}
