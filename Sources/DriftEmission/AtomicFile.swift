#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Writes a file so that whoever opens the path sees either the old file or the whole new one, never a part.
enum AtomicFile {
  /// Writes beside the destination, makes the bytes durable, then renames. A destination that is no regular file (a device, a pipe)
  /// is written directly. On failure nothing is left behind and the old file is as it was.
  static func write(_ bytes: [UInt8], to path: String) throws(EmissionError) {
    var status = stat()
    if stat(path, &status) == 0 {
      if status.st_mode & S_IFMT == S_IFDIR {
        throw .system(operation: "write", path: path, reason: "it is a folder; name a file in it")
      }
      if status.st_mode & S_IFMT != S_IFREG {
        let descriptor = open(path, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("open", path) }
        defer { close(descriptor) }
        return try write(bytes, to: descriptor, path: path)
      }
    }

    let destination = resolved(path)
    let temporary = "\(destination).\(getpid()).\(UInt32.random(in: 0...(.max))).tmp"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw failure("create", path) }
    do throws(EmissionError) {
      try write(bytes, to: descriptor, path: path)
      guard fsync(descriptor) == 0 else { throw failure("fsync", path) }
    } catch {
      close(descriptor)
      unlink(temporary)
      throw error
    }
    guard close(descriptor) == 0, rename(temporary, destination) == 0 else {
      let error = failure("rename", path)
      unlink(temporary)
      throw error
    }
    syncFolder(of: destination)
  }

  private static func write(_ bytes: [UInt8], to descriptor: Int32, path: String) throws(EmissionError) {
    var written = 0
    while written < bytes.count {
      let count = bytes[written...].withUnsafeBytes { systemWrite(descriptor, $0.baseAddress, $0.count) }
      if count < 0 {
        if errno == EINTR { continue }
        throw failure("write", path)
      }
      written += count
    }
  }

  /// The rename itself becomes durable with the folder. A file system that cannot do that is not an error: the file is complete.
  private static func syncFolder(of path: String) {
    let folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    let descriptor = open(folder, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }

  /// Follows symbolic links, so that a link to a model stays a link.
  private static func resolved(_ path: String) -> String {
    guard let real = realpath(path, nil) else { return path }
    defer { free(real) }
    return String(cString: real)
  }

  private static func failure(_ operation: String, _ path: String) -> EmissionError {
    .system(operation: operation, path: path, reason: String(cString: strerror(errno)))
  }
}

private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
  write(descriptor, bytes, count)
}
