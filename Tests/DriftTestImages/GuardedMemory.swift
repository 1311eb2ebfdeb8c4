#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Memory between two pages that nobody may touch, so that a read or write outside ends the program.
public final class GuardedMemory {
  private let base: UnsafeMutableRawPointer
  private let length: Int
  private static let page = Int(sysconf(Int32(_SC_PAGESIZE)))

  /// - Parameter capacity: the most bytes that will ever be placed.
  public init(capacity: Int) {
    length = (capacity + Self.page - 1) / Self.page * Self.page
    guard let mapped = mmap(nil, length + 2 * Self.page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0),
      mapped != MAP_FAILED, mprotect(mapped + Self.page, length, PROT_READ | PROT_WRITE) == 0
    else { fatalError("no memory for a guarded region of \(capacity) bytes") }
    base = mapped + Self.page
  }

  deinit {
    munmap(base - Self.page, length + 2 * Self.page)
  }

  /// Bytes between the guard pages.
  public var capacity: Int { length }

  /// A part that begins right behind the first guard page.
  public func atStart(_ count: Int) -> UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(start: base, count: count)
  }

  /// A part that ends right before the second guard page. It is 64-byte aligned if `count` is a multiple of 64.
  public func atEnd(_ count: Int) -> UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(start: base + length - count, count: count)
  }
}
