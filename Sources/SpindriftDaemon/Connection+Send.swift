import CDriftPlatform
import CSpindrift
import DriftFormat

extension Connection {
  /// Sends a frame: a record, and bytes behind it.
  func send<Record: BitwiseCopyable>(
    _ type: spindrift_frame_type, _ record: Record, _ tail: UnsafeRawBufferPointer = UnsafeRawBufferPointer(start: nil, count: 0)
  ) throws(ConnectionFailure) {
    let size = MemoryLayout<Record>.size
    var frame = spindrift_frame(
      magic: UInt32(SPINDRIFT_FRAME_MAGIC), version: UInt16(SPINDRIFT_PROTOCOL_VERSION),
      type: UInt16(truncatingIfNeeded: type.rawValue), length: UInt32(truncatingIfNeeded: size + tail.count), reserved: 0)
    var record = record
    try send(&frame, count: MemoryLayout<spindrift_frame>.size)
    try send(&record, count: size)
    if let base = tail.baseAddress { try send(base, count: tail.count) }
  }

  /// Tells the client why its request ends, as far as it still listens.
  func report(_ failure: ConnectionFailure) {
    guard let record = failure.record else { return }
    let text = failure.message
    do throws(ConnectionFailure) {
      try send(SPINDRIFT_FRAME_ERROR, record, UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    } catch {}
  }

  private func send(_ bytes: UnsafeRawPointer, count: Int) throws(ConnectionFailure) {
    let status = drift_socket_send(descriptor, bytes, count, drift_clock_nanoseconds() &+ timeout)
    if status != DRIFT_SOCKET_OK.rawValue { throw .gone }
  }
}
