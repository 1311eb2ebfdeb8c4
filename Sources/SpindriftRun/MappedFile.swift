import CDriftPlatform
import DriftFormat
import DriftTool

/// A file mapped read-only, or none; unmapped at the end of its life.
struct MappedFile: ~Copyable {
  private let mapping: drift_mapping

  init(_ path: UnsafePointer<CChar>?) throws(ExitStatus) {
    var mapping = drift_mapping()
    guard let path else {
      self.mapping = mapping
      return
    }
    let status = drift_map_file(path, &mapping)
    if status != 0 {
      StandardError.begin()
      StandardError.write("cannot read ")
      StandardError.write(argument: path)
      StandardError.write(": ")
      StandardError.write(argument: drift_error_text(status))
      StandardError.write("\n")
      throw .failed
    }
    self.mapping = mapping
  }

  deinit {
    var mapping = mapping
    drift_unmap_file(&mapping)
  }

  /// All of it. Files that a process cannot address are never mapped.
  var bytes: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: mapping.base, count: Int(truncatingIfNeeded: mapping.length))
  }
}
