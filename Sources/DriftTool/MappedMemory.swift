import CDriftPlatform
import DriftFormat

/// Zeroed memory straight from the operating system, page-aligned; given back at the end of its life. Never the heap.
@usableFromInline
package struct MappedMemory: ~Copyable {
  /// All of it.
  @usableFromInline
  package let bytes: UnsafeMutableRawBufferPointer
  @usableFromInline
  let length: UInt64

  /// So many bytes, at least one; nil if there are not enough.
  package init?(_ count: UInt64) {
    guard count <= UInt64(Int.max), let base = drift_map_memory(count) else { return nil }
    length = count
    bytes = UnsafeMutableRawBufferPointer(start: base, count: Int(truncatingIfNeeded: count))
  }

  @inlinable
  deinit {
    drift_unmap_memory(bytes.baseAddress.unsafelyUnwrapped, length)
  }

  /// All of it as floats.
  package var floats: UnsafeMutableBufferPointer<Float> { bytes.bindMemory(to: Float.self) }
}
