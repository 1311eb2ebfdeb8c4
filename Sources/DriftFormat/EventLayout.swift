/// What lies where in an EVENTS tensor, as byte offsets: what each thread's neurons did together, a list for each pixel, then room for the
/// events of all lists.
package struct EventLayout {
  /// Bytes of a thread's sums.
  package static var totalBytes: UInt64 { 16 }
  /// Bytes of a list's record and of an event (`drift_event_list` and `drift_event` of CDriftKernels).
  package static var listBytes: UInt64 { 8 }
  package static var eventBytes: UInt64 { 4 }

  /// Events that there is room for, per pixel. Where more is sent, gathering does not pay, and there is no list.
  package let capacity: UInt64
  package let lists: UInt64, events: UInt64
  package let bytes: UInt64

  /// - Parameters:
  ///   - pixels: of the tracer, fewer than 2^32.
  ///   - channels: of the tracer, fewer than 2^16.
  package init(pixels: UInt64, channels: UInt64) {
    capacity = (3 * channels + 3) / 4
    lists = EventLayout.totalBytes * UInt64(FormatLimits.threads)
    events = lists + EventLayout.listBytes * pixels
    bytes = events + EventLayout.eventBytes * capacity * pixels
  }
}
