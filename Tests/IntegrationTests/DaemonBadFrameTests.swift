import CSpindrift
import DriftFormat
import Foundation
import Testing

/// `spindriftd` against clients that do not keep to the protocol: an ERROR frame, the end of the connection, and no harm.
@Suite(.serialized)
struct DaemonBadFrameTests {
  @Test
  func everyBadFrameIsAnsweredByItsCode() throws {
    let daemon = try RunningDaemon(model: try Workshop.complete())
    let png = SPINDRIFT_GENERATE_PNG.rawValue, noise = SPINDRIFT_GENERATE_NOISE.rawValue
    let generate = UInt16(SPINDRIFT_FRAME_GENERATE.rawValue), query = UInt16(SPINDRIFT_FRAME_QUERY.rawValue)
    func order(_ request: [UInt8], length: Int? = nil) -> [UInt8] {
      DaemonClient.header(type: generate, length: UInt32(length ?? request.count)) + request
    }
    let cases: [(name: String, bytes: [UInt8], code: UInt32)] = [
      ("magic", DaemonClient.header(magic: 0x4745_5420, type: query, length: 0), SPINDRIFT_PROTOCOL_BAD_MAGIC.rawValue),
      ("version", DaemonClient.header(version: 2, type: query, length: 0), SPINDRIFT_PROTOCOL_BAD_VERSION.rawValue),
      ("reserved", DaemonClient.header(type: query, length: 0, reserved: 1), SPINDRIFT_PROTOCOL_BAD_VERSION.rawValue),
      ("type 0", DaemonClient.header(type: 0, length: 0), SPINDRIFT_PROTOCOL_UNKNOWN_TYPE.rawValue),
      ("answer", DaemonClient.header(type: 129, length: 0), SPINDRIFT_PROTOCOL_UNKNOWN_TYPE.rawValue),
      ("type 65535", DaemonClient.header(type: .max, length: .max), SPINDRIFT_PROTOCOL_UNKNOWN_TYPE.rawValue),
      ("query with payload", DaemonClient.header(type: query, length: 1) + [0], SPINDRIFT_PROTOCOL_BAD_LENGTH.rawValue),
      ("query of 4 GiB", DaemonClient.header(type: query, length: .max), SPINDRIFT_PROTOCOL_BAD_LENGTH.rawValue),
      ("request of 4 GiB", order(DaemonClient.request(), length: Int(UInt32.max)), SPINDRIFT_PROTOCOL_BAD_LENGTH.rawValue),
      ("request without payload", DaemonClient.header(type: generate, length: 0), SPINDRIFT_PROTOCOL_BAD_LENGTH.rawValue),
      ("request too short", order(Array(DaemonClient.request().dropLast())), SPINDRIFT_PROTOCOL_BAD_LENGTH.rawValue),
      ("request too long", order(DaemonClient.request() + [0]), SPINDRIFT_PROTOCOL_BAD_LENGTH.rawValue),
      ("noise missing", order(DaemonClient.request(flags: noise)), SPINDRIFT_PROTOCOL_BAD_LENGTH.rawValue),
      (
        "noise too short", order(DaemonClient.request(flags: noise) + [UInt8](repeating: 0, count: 255)),
        SPINDRIFT_PROTOCOL_BAD_LENGTH.rawValue
      ),
      (
        "noise unannounced", order(DaemonClient.request() + [UInt8](repeating: 0, count: 256)),
        SPINDRIFT_PROTOCOL_BAD_LENGTH.rawValue
      ),
      (
        "noise for two", order(DaemonClient.request(count: 2, flags: noise) + [UInt8](repeating: 0, count: 256)),
        SPINDRIFT_PROTOCOL_BAD_REQUEST.rawValue
      ),
      ("cancel first", DaemonClient.header(type: 3, length: 0), SPINDRIFT_PROTOCOL_UNEXPECTED.rawValue),
      ("count 0", order(DaemonClient.request(count: 0)), SPINDRIFT_PROTOCOL_BAD_REQUEST.rawValue),
      ("count 4097", order(DaemonClient.request(count: 4097)), SPINDRIFT_PROTOCOL_BAD_REQUEST.rawValue),
      ("index wraps", order(DaemonClient.request(first: .max, count: 2)), SPINDRIFT_PROTOCOL_BAD_REQUEST.rawValue),
      ("unknown flag", order(DaemonClient.request(flags: 4 | png)), SPINDRIFT_PROTOCOL_BAD_REQUEST.rawValue),
      ("reserved field", order(DaemonClient.request(reserved: 1)), SPINDRIFT_PROTOCOL_BAD_REQUEST.rawValue),
      ("class 3", order(DaemonClient.request(label: 3)), UInt32(DriftErrorCode.badClass.rawValue)),
      ("class -2", order(DaemonClient.request(label: -2)), UInt32(DriftErrorCode.badClass.rawValue)),
      ("guidance NaN", order(DaemonClient.request(guidance: .nan)), UInt32(DriftErrorCode.badGuidance.rawValue)),
    ]
    for item in cases {
      let client = try DaemonClient(daemon.socket)
      client.send(item.bytes)
      let code = try client.receiveError()
      #expect(code == item.code, "\(item.name)")
    }
    #expect(try daemon.serves())
    #expect(daemon.stop() == 0)
  }

  @Test
  func aFrameThatEndsTooEarlyIsShort() throws {
    let daemon = try RunningDaemon(model: try Workshop.complete())
    let whole = DaemonClient.header(type: 2, length: 32) + DaemonClient.request()
    for count in [0, 1, 15, 16, 17, 47] {
      let client = try DaemonClient(daemon.socket)
      client.send(Array(whole.prefix(count)))
      client.endSending()
      #expect(try client.receiveError() == SPINDRIFT_PROTOCOL_SHORT.rawValue, "\(count) bytes")
    }
    #expect(try daemon.serves())
  }

  @Test
  func aSecondFrameWhileTheDaemonWorksEndsTheRequest() throws {
    let daemon = try RunningDaemon(model: try Workshop.digits())
    for bytes in [
      DaemonClient.header(type: 1, length: 0), DaemonClient.header(type: 3, length: 9), [UInt8](repeating: 0x20, count: 16),
    ] {
      let client = try DaemonClient(daemon.socket)
      client.generate(count: 4096)
      #expect(try client.receive()?.type == SPINDRIFT_FRAME_PROGRESS)
      client.send(bytes)
      #expect(try client.receiveAll().last?.type == SPINDRIFT_FRAME_ERROR)
    }
    #expect(try daemon.serves())
  }

  @Test
  func silentAndSlowClientsAreDropped() throws {
    let daemon = try RunningDaemon(model: try Workshop.complete(), ["--timeout", "1"])
    let silent = try DaemonClient(daemon.socket)
    #expect(try silent.receiveError() == SPINDRIFT_PROTOCOL_LATE.rawValue)

    // A byte now and then does not win time.
    let slow = try DaemonClient(daemon.socket)
    let start = Date()
    for byte in DaemonClient.header(type: 1, length: 0) {
      slow.send([byte])
      Thread.sleep(forTimeInterval: 0.2)
    }
    #expect(try slow.receiveError() == SPINDRIFT_PROTOCOL_LATE.rawValue)
    #expect(Date().timeIntervalSince(start) < 10)
    #expect(try daemon.serves())
  }

  @Test
  func aClientThatTakesNothingInIsDropped() throws {
    let daemon = try RunningDaemon(model: try Workshop.complete(), ["--timeout", "1"])
    let deaf = try DaemonClient(daemon.socket, receiveBuffer: 4096)
    deaf.generate(count: 4096)
    #expect(try daemon.serves())
    withExtendedLifetime(deaf) {}
  }

  @Test
  func randomBytesDoNoHarm() throws {
    let daemon = try RunningDaemon(model: try Workshop.complete(), ["--timeout", "1"])
    var generator = SystemRandomNumberGenerator()
    for round in 0..<200 {
      let client = try DaemonClient(daemon.socket)
      var bytes = (0..<Int.random(in: 0..<200, using: &generator)).map { _ in UInt8.random(in: 0...255, using: &generator) }
      if round % 2 == 0 {
        bytes = DaemonClient.header(type: UInt16.random(in: 0..<6, using: &generator), length: UInt32(bytes.count % 64)) + bytes
      }
      client.send(bytes)
      client.endSending()
      _ = try client.receiveAll()
    }
    #expect(try daemon.serves())
    #expect(daemon.stop() == 0)
    #expect(daemon.errors.isEmpty)
  }
}
