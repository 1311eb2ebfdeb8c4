import DriftFormat
import DriftTool

extension StandardError {
  /// Begins a message about something that went wrong.
  static func begin() {
    write("spindrift-run: ")
  }
}

extension MappedMemory {
  /// So many bytes.
  /// - Parameter purpose: What they are for.
  /// - Throws: `failed`, after saying how many bytes were needed for what.
  init(_ count: UInt64, for purpose: StaticString) throws(ExitStatus) {
    guard let memory = MappedMemory(count) else {
      StandardError.begin()
      StandardError.write("not enough memory: ")
      StandardError.write(count)
      StandardError.write(" bytes are needed for ")
      StandardError.write(purpose)
      StandardError.write("\n")
      throw .failed
    }
    self = memory
  }
}
