import CSpindrift
import Foundation
import Glibc
import Testing

/// A client of `spindriftd`, written against nothing but the protocol's description.
final class DaemonClient {
  /// A frame from the daemon.
  struct Frame {
    var type: spindrift_frame_type
    var payload: [UInt8]

    /// The record that the payload begins with.
    func record<Record: BitwiseCopyable>(_ type: Record.Type) throws -> Record {
      try #require(payload.count >= MemoryLayout<Record>.size)
      return payload.withUnsafeBytes { $0.loadUnaligned(as: Record.self) }
    }

    /// What follows the record.
    func tail<Record>(after type: Record.Type) -> [UInt8] { Array(payload.dropFirst(MemoryLayout<Record>.size)) }
  }

  private let descriptor: Int32

  init(_ path: String, receiveBuffer: Int32? = nil) throws {
    descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    // No test waits for ever.
    var limit = timeval(tv_sec: 60, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    if var receiveBuffer { setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &receiveBuffer, 4) }
    let status = Self.connect(descriptor, path)
    try #require(status == 0, "connect: \(String(cString: strerror(errno)))")
  }

  deinit { close(descriptor) }

  /// Whether somebody listens at a path.
  static func answers(_ path: String) -> Bool {
    let probe = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    defer { close(probe) }
    return connect(probe, path) == 0
  }

  private static func connect(_ descriptor: Int32, _ path: String) -> Int32 {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix(107)) }
    return withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
  }

  /// Sends bytes as they are.
  func send(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let sent = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      if sent <= 0 { return }
      rest = rest.dropFirst(sent)
    }
  }

  /// Sends a frame with a payload.
  func send(_ type: spindrift_frame_type, _ payload: [UInt8] = []) {
    send(Self.header(type: UInt16(type.rawValue), length: UInt32(payload.count)) + payload)
  }

  /// Asks for pictures.
  func generate(
    seed: UInt64 = 0, first: UInt32 = 0, count: UInt32 = 1, label: Int32 = -1, guidance: Float = 1, flags: UInt32 = 0,
    reserved: UInt32 = 0, tail: [UInt8] = []
  ) {
    send(
      SPINDRIFT_FRAME_GENERATE,
      Self.request(
        seed: seed, first: first, count: count, label: label, guidance: guidance, flags: flags, reserved: reserved) + tail)
  }

  /// Says that nothing more follows.
  func endSending() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// The next frame, or nil at the end of the connection.
  func receive() throws -> Frame? {
    guard let head = receive(16) else { return nil }
    let frame = head.withUnsafeBytes { $0.loadUnaligned(as: spindrift_frame.self) }
    #expect(frame.magic == UInt32(SPINDRIFT_FRAME_MAGIC))
    #expect(frame.version == UInt16(SPINDRIFT_PROTOCOL_VERSION))
    #expect(frame.reserved == 0)
    let payload = try #require(receive(Int(frame.length)), "a frame that ends too early")
    return Frame(type: spindrift_frame_type(UInt32(frame.type)), payload: payload)
  }

  /// All frames to the end of the connection.
  func receiveAll() throws -> [Frame] {
    var frames: [Frame] = []
    while let frame = try receive() { frames.append(frame) }
    return frames
  }

  /// The code of the ERROR frame that is all that comes; nil if something else does.
  func receiveError() throws -> UInt32? {
    let frames = try receiveAll()
    guard frames.count == 1, frames[0].type == SPINDRIFT_FRAME_ERROR else { return nil }
    let record = try frames[0].record(spindrift_frame_error.self)
    #expect(!frames[0].tail(after: spindrift_frame_error.self).isEmpty, "an error without text")
    return UInt32(record.code)
  }

  static func header(
    magic: UInt32 = UInt32(SPINDRIFT_FRAME_MAGIC), version: UInt16 = UInt16(SPINDRIFT_PROTOCOL_VERSION), type: UInt16,
    length: UInt32, reserved: UInt32 = 0
  ) -> [UInt8] {
    withUnsafeBytes(
      of: spindrift_frame(magic: magic, version: version, type: type, length: length, reserved: reserved), Array.init)
  }

  static func request(
    seed: UInt64 = 0, first: UInt32 = 0, count: UInt32 = 1, label: Int32 = -1, guidance: Float = 1, flags: UInt32 = 0,
    reserved: UInt32 = 0
  ) -> [UInt8] {
    withUnsafeBytes(
      of: spindrift_frame_generate(
        seed: seed, first_sample: first, count: count, class_label: label, guidance: guidance, flags: flags, reserved: reserved),
      Array.init)
  }

  private func receive(_ count: Int) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: count)
    var filled = 0
    while filled < count {
      let got = bytes.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress! + filled, count - filled, 0) }
      if got <= 0 { return nil }
      filled += got
    }
    return bytes
  }
}
