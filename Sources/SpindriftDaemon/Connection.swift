import CDriftPlatform
import CSpindrift
import DriftFormat

/// A client, connected.
struct Connection {
  /// How long a client that has its answer may take to close its end, in nanoseconds.
  private static let farewell: UInt64 = 1_000_000_000

  let descriptor: Int32
  let timeout: UInt64
  /// A frame of which not all has come yet, while the daemon works.
  private var pending = spindrift_frame()
  private var pendingCount = 0

  /// - Parameter seconds: how long any frame may take in either direction.
  init(_ descriptor: Int32, seconds: Int) {
    self.descriptor = descriptor
    timeout = UInt64(seconds) &* 1_000_000_000
  }

  /// Receives exactly so many bytes.
  func receive(_ bytes: UnsafeMutableRawPointer, count: Int) throws(ConnectionFailure) {
    var received = 0
    switch drift_socket_receive(descriptor, bytes, count, drift_clock_nanoseconds() &+ timeout, &received) {
    case DRIFT_SOCKET_OK.rawValue: return
    case DRIFT_SOCKET_CLOSED.rawValue:
      throw .refused(SPINDRIFT_PROTOCOL_SHORT, expected: UInt64(count), found: UInt64(received))
    case DRIFT_SOCKET_LATE.rawValue:
      throw .refused(SPINDRIFT_PROTOCOL_LATE, expected: UInt64(count), found: UInt64(received))
    case DRIFT_SOCKET_STOPPED.rawValue: throw .refused(SPINDRIFT_PROTOCOL_STOPPING)
    default: throw .gone
    }
  }

  /// The next frame, up to its payload.
  func receiveFrame() throws(ConnectionFailure) -> spindrift_frame {
    var frame = spindrift_frame()
    try receive(&frame, count: MemoryLayout<spindrift_frame>.size)
    try check(frame)
    return frame
  }

  /// Refuses a frame with a payload of another length.
  func expect(_ frame: spindrift_frame, length: Int) throws(ConnectionFailure) {
    guard UInt64(frame.length) == UInt64(length) else {
      throw .refused(SPINDRIFT_PROTOCOL_BAD_LENGTH, expected: UInt64(length), found: UInt64(frame.length))
    }
  }

  /// Looks, without waiting, for what the client may send while the daemon works.
  /// - Throws: `cancelled`, `gone`, or `refused` for any other frame than CANCEL.
  mutating func checkForCancel() throws(ConnectionFailure) {
    let size = MemoryLayout<spindrift_frame>.size
    var received = 0
    let (descriptor, count) = (descriptor, pendingCount)
    let status = withUnsafeMutableBytes(of: &pending) { bytes in
      drift_socket_receive_ready(descriptor, bytes.baseAddress.unsafelyUnwrapped + count, size - count, &received)
    }
    guard status == DRIFT_SOCKET_OK.rawValue else { throw .gone }
    pendingCount += received
    guard pendingCount == size else { return }
    try check(pending)
    guard pending.kind == SPINDRIFT_FRAME_CANCEL else {
      throw .refused(SPINDRIFT_PROTOCOL_UNEXPECTED, found: UInt64(pending.type))
    }
    try expect(pending, length: 0)
    throw .cancelled
  }

  /// Ends the connection.
  func close() {
    drift_socket_close(descriptor, drift_clock_nanoseconds() &+ Connection.farewell)
  }

  private func check(_ frame: spindrift_frame) throws(ConnectionFailure) {
    guard frame.magic == UInt32(SPINDRIFT_FRAME_MAGIC) else {
      throw .refused(SPINDRIFT_PROTOCOL_BAD_MAGIC, expected: UInt64(SPINDRIFT_FRAME_MAGIC), found: UInt64(frame.magic))
    }
    guard frame.version == UInt16(SPINDRIFT_PROTOCOL_VERSION), frame.reserved == 0 else {
      throw .refused(SPINDRIFT_PROTOCOL_BAD_VERSION, expected: UInt64(SPINDRIFT_PROTOCOL_VERSION), found: UInt64(frame.version))
    }
  }
}

extension spindrift_frame {
  var kind: spindrift_frame_type { spindrift_frame_type(UInt32(type)) }
}
