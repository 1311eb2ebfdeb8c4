#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Says which mutated file was at work if the program crashes. The handlers that were there before then take over.
enum CrashNote {
  nonisolated(unsafe) static var index = 0
  nonisolated(unsafe) private static var previous: [sigaction] = []
  private static let signals = [SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP]

  static func install() {
    guard previous.isEmpty else { return }
    for signal in signals {
      var action = sigaction()
      var old = sigaction()
      action.__sigaction_handler.sa_handler = { _ in CrashNote.handle() }
      sigaction(signal, &action, &old)
      previous.append(old)
    }
  }

  private static func handle() {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
      var (left, start) = (index, 20)
      repeat {
        start -= 1
        digits[start] = UInt8(48 + left % 10)
        left /= 10
      } while left > 0
      let text: StaticString = "crashed at mutated file "
      write(2, text.utf8Start, text.utf8CodeUnitCount)
      write(2, digits.baseAddress.unsafelyUnwrapped + start, 20 - start)
      write(2, "\n", 1)
    }
    for (signal, action) in zip(signals, previous) {
      var action = action
      sigaction(signal, &action, nil)
    }
  }
}
