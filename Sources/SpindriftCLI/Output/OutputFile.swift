import CDriftPlatform
import Foundation

/// A file that a command writes: whole or not at all, beside its destination first. Devices and pipes are written into directly.
struct OutputFile {
  /// The destination.
  let path: String

  /// Refuses a destination that cannot be written, before the work for it begins.
  /// - Throws: `CommandError` that names the file or folder and the system's reason.
  init(_ path: String) throws(CommandError) {
    self.path = path
    guard !path.isEmpty else { throw CommandError("the name of an output file is empty; give one, such as out.png") }
    var status = stat()
    if stat(path, &status) == 0 {
      guard status.st_mode & S_IFMT != S_IFDIR else { throw failure(EISDIR) }
      guard access(path, W_OK) == 0 else { throw failure(errno) }
      guard status.st_mode & S_IFMT == S_IFREG else { return }
    }
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    guard stat(folder, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
      throw CommandError("\(path): cannot be written: there is no folder \(folder)")
    }
    guard access(folder, W_OK) == 0 else { throw failure(errno) }
  }

  /// Refuses two options that name the same file, of which one would overwrite the other.
  static func refuseSame(_ first: String?, _ second: String?) throws(CommandError) {
    guard let first, let second, first != "/dev/null" else { return }
    let paths = [first, second].map { URL(fileURLWithPath: $0).standardizedFileURL.resolvingSymlinksInPath().path }
    guard paths[0] != paths[1] else { throw CommandError("\(second): is the name of two output files; give each its own") }
  }

  /// Replaces the destination by these bytes.
  /// - Throws: `CommandError` with the system's reason; nothing is left behind then.
  func write(_ bytes: some ContiguousBytes) throws(CommandError) {
    var temporary = drift_temporary()
    let problem = withUnsafeMutablePointer(to: &temporary) { temporary in
      path.withCString { path in bytes.withUnsafeBytes { Self.write($0, to: path, temporary) } }
    }
    guard problem == 0 else { throw failure(problem) }
  }

  private static func write(
    _ bytes: UnsafeRawBufferPointer, to path: UnsafePointer<CChar>, _ temporary: UnsafeMutablePointer<drift_temporary>
  ) -> Int32 {
    var output = drift_output(descriptor: -1, temporary: nil, path: path)
    var problem = drift_output_open(&output, temporary, path)
    guard problem == 0 else { return problem }
    if let base = bytes.baseAddress { problem = drift_write_all(output.descriptor, base, bytes.count) }
    if problem == 0 { problem = drift_output_commit(&output) }
    drift_output_discard(&output)
    return problem
  }

  private func failure(_ number: Int32) -> CommandError {
    CommandError("\(path): cannot be written: \(String(cString: drift_error_text(number)))")
  }
}
