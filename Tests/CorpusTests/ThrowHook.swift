#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Swift Testing records a backtrace, on the heap, whenever anything throws. A test that counts heap calls must do without.
enum ThrowHook {
  private typealias Recorder = @convention(c) (UnsafeMutableRawPointer, UnsafeRawPointer, UnsafeRawPointer) -> Void

  /// Turns the recording off for as long as `body` runs.
  static func withoutBacktraces<Value>(_ body: () throws -> Value) rethrows -> Value {
    guard let address = dlsym(nil, "_swift_willThrowTypedImpl") else { return try body() }
    let hook = address.assumingMemoryBound(to: Recorder.self)
    let recorder = hook.pointee
    hook.pointee = { _, _, _ in }
    defer { hook.pointee = recorder }
    return try body()
  }
}
