import CDriftPlatform
import CSpindrift
import DriftFormat
import DriftTool
import Spindrift

/// A GENERATE frame, understood.
struct Order {
  private let record: spindrift_frame_generate
  private let noise: UnsafePointer<Float>?

  /// Receives the payload of a GENERATE frame.
  /// - Parameter noise: where starting noise goes: room for one sample.
  init(
    receiving frame: spindrift_frame, from connection: inout Connection, for model: borrowing Model,
    noise: UnsafeMutablePointer<Float>
  ) throws(ConnectionFailure) {
    var record = spindrift_frame_generate()
    let size = MemoryLayout<spindrift_frame_generate>.size
    guard frame.length >= UInt32(size) else {
      throw .refused(SPINDRIFT_PROTOCOL_BAD_LENGTH, expected: UInt64(size), found: UInt64(frame.length))
    }
    try connection.receive(&record, count: size)
    let channels = model.file.model.picture_channels
    try Order.check(record, isPicture: channels == 1 || channels == 3)
    if record.flags & SPINDRIFT_GENERATE_NOISE.rawValue != 0 {
      let bytes = model.sampleCount * 4
      try connection.expect(frame, length: size + bytes)
      try connection.receive(noise, count: bytes)
      self.noise = UnsafePointer(noise)
    } else {
      try connection.expect(frame, length: size)
      self.noise = nil
    }
    self.record = record
  }

  /// Generates and sends the pictures.
  func fulfil(
    on session: inout Session, of model: borrowing Model, in workplace: borrowing Workplace, for connection: inout Connection
  ) throws(ConnectionFailure) {
    var sent: UInt32 = 0
    do throws(ConnectionFailure) {
      while sent < record.count {
        try generate(sent, on: &session, in: workplace, for: &connection)
        try send(sent, of: model, in: workplace, to: connection)
        sent += 1
      }
    } catch {
      guard case .cancelled = error else { throw error }
      try connection.send(SPINDRIFT_FRAME_DONE, spindrift_frame_done(pictures: sent, cancelled: 1))
      return
    }
    try connection.send(SPINDRIFT_FRAME_DONE, spindrift_frame_done(pictures: sent, cancelled: 0))
  }

  private static func check(_ record: spindrift_frame_generate, isPicture: Bool) throws(ConnectionFailure) {
    let known = SPINDRIFT_GENERATE_PNG.rawValue | SPINDRIFT_GENERATE_NOISE.rawValue
    let limit = record.flags & SPINDRIFT_GENERATE_NOISE.rawValue != 0 ? 1 : UInt32(SPINDRIFT_REQUEST_MAX_COUNT)
    guard record.flags & ~known == 0, record.reserved == 0, record.count >= 1, record.count <= limit,
      record.first_sample <= UInt32.max - (record.count - 1), isPicture || record.flags & SPINDRIFT_GENERATE_PNG.rawValue == 0
    else { throw .refused(SPINDRIFT_PROTOCOL_BAD_REQUEST, expected: UInt64(limit), found: UInt64(record.count)) }
  }

  private func generate(
    _ picture: UInt32, on session: inout Session, in workplace: borrowing Workplace, for connection: inout Connection
  ) throws(ConnectionFailure) {
    let request = Request(
      seed: record.seed, sampleIndex: record.first_sample + picture, classLabel: record.class_label, guidance: record.guidance,
      noise: noise)
    let count = record.count
    var interruption: ConnectionFailure?
    do throws(DriftError) {
      try session.generate(request, into: workplace.sample.floats) { done, steps in
        do throws(ConnectionFailure) {
          if drift_signal_flag_raised() != 0 { throw .refused(SPINDRIFT_PROTOCOL_STOPPING) }
          try connection.checkForCancel()
          try connection.send(
            SPINDRIFT_FRAME_PROGRESS,
            spindrift_frame_progress(
              picture: picture, count: count, steps_done: UInt32(truncatingIfNeeded: done),
              steps: UInt32(truncatingIfNeeded: steps)))
          return true
        } catch {
          interruption = error
          return false
        }
      }
    } catch {
      throw interruption ?? .session(error)
    }
  }

  private func send(
    _ picture: UInt32, of model: borrowing Model, in workplace: borrowing Workplace, to connection: Connection
  ) throws(ConnectionFailure) {
    let isPNG = record.flags & SPINDRIFT_GENERATE_PNG.rawValue != 0
    let facts = model.file.model
    let format = isPNG ? SPINDRIFT_PICTURE_PNG : SPINDRIFT_PICTURE_FLOAT32
    let head = spindrift_frame_picture(
      picture: picture, format: UInt32(format.rawValue), channels: facts.picture_channels, height: facts.picture_height,
      width: facts.picture_width, reserved: 0)
    let bytes = isPNG ? workplace.png(of: model) : UnsafeRawBufferPointer(workplace.sample.bytes)
    try connection.send(SPINDRIFT_FRAME_PICTURE, head, bytes)
  }
}
