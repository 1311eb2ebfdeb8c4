import DriftTool

/// How far the work is, on a line of the terminal that is drawn over and over. Draws nothing where standard error is something else.
struct ProgressLine {
  private let isTerminal = StandardError.isTerminal
  private let total: Int
  private var isOpen = false

  /// - Parameter total: steps of all pictures together.
  init(total: Int) {
    self.total = total
  }

  mutating func update(_ done: Int) {
    guard isTerminal else { return }
    isOpen = true
    StandardError.write("\r\u{1B}[Ksampling ")
    StandardError.write(done)
    StandardError.write("/")
    StandardError.write(total)
  }

  /// Ends the line, so that what follows starts on its own.
  mutating func finish() {
    if isOpen { StandardError.write("\n") }
    isOpen = false
  }
}
