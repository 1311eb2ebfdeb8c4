import CSpindrift
import DriftFormat

/// Why a connection ends before its request is done.
enum ConnectionFailure: Error {
  /// The client went away, or takes nothing in any more: there is nobody to tell.
  case gone
  /// The client asked for the end.
  case cancelled
  /// The client broke the protocol, took too long, or the daemon stops.
  case refused(spindrift_protocol_error, expected: UInt64 = 0, found: UInt64 = 0)
  /// The session refused the request.
  case session(DriftError)

  /// What an ERROR frame says about it; nil if there is nothing to say.
  var record: spindrift_frame_error? {
    switch self {
    case .gone, .cancelled:
      nil
    case .refused(let code, let expected, let found):
      spindrift_frame_error(
        code: Int32(truncatingIfNeeded: code.rawValue), reserved: 0, offset: 0, expected: expected, found: found)
    case .session(let error):
      spindrift_frame_error(
        code: error.code.rawValue, reserved: 0, offset: error.offset, expected: error.expected, found: error.found)
    }
  }

  /// The same in a sentence.
  var message: StaticString {
    switch self {
    case .gone, .cancelled: ""
    case .refused(let code, _, _): ConnectionFailure.message(of: code)
    case .session(let error): error.code.message
    }
  }

  private static func message(of code: spindrift_protocol_error) -> StaticString {
    switch code {
    case SPINDRIFT_PROTOCOL_BAD_MAGIC: "a frame does not begin with the protocol's magic"
    case SPINDRIFT_PROTOCOL_BAD_VERSION: "a frame has another version of the protocol"
    case SPINDRIFT_PROTOCOL_UNKNOWN_TYPE: "a frame has an unknown type"
    case SPINDRIFT_PROTOCOL_BAD_LENGTH: "a frame has another length than its type asks for"
    case SPINDRIFT_PROTOCOL_LATE: "a frame was not complete in time"
    case SPINDRIFT_PROTOCOL_SHORT: "the connection ended in the middle of a frame"
    case SPINDRIFT_PROTOCOL_UNEXPECTED: "a frame came when it must not"
    case SPINDRIFT_PROTOCOL_BAD_REQUEST: "a request has unknown flags, a reserved field that is not zero, or a count out of range"
    case SPINDRIFT_PROTOCOL_STOPPING: "the daemon stops"
    default: "the request was refused"
    }
  }
}
