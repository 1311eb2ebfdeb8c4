import CDriftPlatform
import DriftFormat
import DriftTool

/// A file that stands at its path only when it is complete.
struct OutputFile: ~Copyable {
  private let path: UnsafePointer<CChar>
  private var output: drift_output
  /// Where C keeps the name of the unfinished file; too large for a Swift value.
  private let temporary: MappedMemory

  /// Begins the file, so that a path that cannot be written is known before the work is done.
  init(_ path: UnsafePointer<CChar>) throws(ExitStatus) {
    let temporary = try MappedMemory(UInt64(MemoryLayout<drift_temporary>.size), for: "a path")
    let name = temporary.bytes.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: drift_temporary.self)
    var output = drift_output(descriptor: -1, temporary: nil, path: path)
    let status = drift_output_open(&output, name, path)
    if status != 0 { throw OutputFile.failure(path, status) }
    self.path = path
    self.output = output
    self.temporary = temporary
  }

  deinit {
    var output = output
    drift_output_discard(&output)
  }

  mutating func write(_ bytes: UnsafeRawBufferPointer) throws(ExitStatus) {
    guard let base = bytes.baseAddress else { return }
    let status = drift_write_all(output.descriptor, base, bytes.count)
    if status != 0 { throw OutputFile.failure(path, status) }
  }

  /// Completes the file.
  mutating func commit() throws(ExitStatus) {
    let status = drift_output_commit(&output)
    if status != 0 { throw OutputFile.failure(path, status) }
  }

  private static func failure(_ path: UnsafePointer<CChar>, _ status: Int32) -> ExitStatus {
    StandardError.begin()
    StandardError.write("cannot write ")
    StandardError.write(argument: path)
    StandardError.write(": ")
    StandardError.write(argument: drift_error_text(status))
    StandardError.write("; nothing was left there\n")
    return .failed
  }
}
