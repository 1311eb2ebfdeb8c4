import DriftFormat

/// A file in 64-byte aligned memory, as a mapping would have it.
public final class AlignedFile {
  /// The file.
  public let bytes: UnsafeRawBufferPointer
  private let memory: UnsafeMutableRawBufferPointer

  /// Copies a file.
  public init(_ contents: [UInt8]) {
    memory = .allocate(byteCount: max(contents.count, 1), alignment: 64)
    memory.copyBytes(from: contents)
    bytes = UnsafeRawBufferPointer(rebasing: memory[..<contents.count])
  }

  deinit {
    memory.deallocate()
  }

  /// The rule that the file breaks, or nil if it is valid.
  public var verdict: DriftError? {
    do throws(DriftError) {
      _ = try DriftFile(verifying: bytes)
      return nil
    } catch {
      return error
    }
  }
}
