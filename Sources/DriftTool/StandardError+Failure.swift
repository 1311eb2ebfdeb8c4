import CDriftPlatform
import DriftFormat

extension StandardError {
  /// What is wrong with a model, in a line.
  /// - Parameter program: the program's name, with colon and space.
  package static func write(_ program: StaticString, _ model: UnsafePointer<CChar>, _ error: DriftError) {
    write(program)
    if error.code == .mapFailed {
      write("cannot read ")
      write(argument: model)
      write(": ")
      write(argument: drift_error_text(Int32(truncatingIfNeeded: error.found)))
      write("\n")
      return
    }
    write(argument: model)
    write(": ")
    write(error.code.message)
    if error.offset != 0 {
      write("; at byte ")
      write(error.offset)
    }
    if error.expected != 0 || error.found != 0 {
      write("; expected ")
      write(error.expected)
      write(", found ")
      write(error.found)
    }
    write("\n")
  }
}
