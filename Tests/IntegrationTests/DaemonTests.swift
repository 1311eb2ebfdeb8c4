import CSpindrift
import Foundation
import Testing

/// `spindriftd` over a real socket: what it answers.
@Suite(.serialized)
struct DaemonTests {
  @Test(arguments: Board.allCases)
  func picturesAreThoseOfTheProgram(board: Board) throws {
    let model = try Workshop.complete()
    let daemon = try RunningDaemon(model: model, on: board)
    let client = try DaemonClient(daemon.socket)
    client.generate(seed: 5, count: 3, label: 1, guidance: 2)
    let frames = try client.receiveAll()

    let progress = try frames.filter { $0.type == SPINDRIFT_FRAME_PROGRESS }.map { try $0.record(spindrift_frame_progress.self) }
    #expect(progress.map(\.picture) == [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2])
    #expect(progress.map(\.steps_done) == [1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4])
    #expect(progress.allSatisfy { $0.count == 3 && $0.steps == 4 })

    let pictures = frames.filter { $0.type == SPINDRIFT_FRAME_PICTURE }
    for (index, picture) in pictures.enumerated() {
      let record = try picture.record(spindrift_frame_picture.self)
      #expect(record.picture == UInt32(index) && record.format == SPINDRIFT_PICTURE_FLOAT32.rawValue)
      #expect((record.channels, record.height, record.width) == (1, 8, 8))
    }
    let raw = daemon.folder.path("raw.npy")
    let program = try Program.run(
      Workshop.converter,
      ["run", model, "--raw", raw, "--seed", "5", "--count", "3", "--class", "1", "--guidance", "2"])
    #expect(program.status == 0, "\(program.errors)")
    let expected = [UInt8](try Data(contentsOf: URL(fileURLWithPath: raw)).suffix(3 * 256))
    #expect(pictures.flatMap { $0.tail(after: spindrift_frame_picture.self) } == expected)

    let done = try #require(try frames.last?.record(spindrift_frame_done.self))
    #expect(frames.last?.type == SPINDRIFT_FRAME_DONE && done.pictures == 3 && done.cancelled == 0)
    #expect(frames.count == 12 + 3 + 1)
    #expect(daemon.stop() == 0)
    #expect(!daemon.hasSocket)
  }

  @Test
  func aQueryDescribesTheModel() throws {
    let daemon = try RunningDaemon(model: try Workshop.complete())
    let client = try DaemonClient(daemon.socket)
    client.send(SPINDRIFT_FRAME_QUERY)
    let frames = try client.receiveAll()
    #expect(frames.map(\.type) == [SPINDRIFT_FRAME_INFO])
    let info = try frames[0].record(spindrift_frame_info.self)
    #expect((info.channels, info.height, info.width) == (1, 8, 8))
    #expect((info.class_count, info.null_class, info.steps) == (3, 2, 4))
    #expect((info.data_low, info.data_high) == (-1, 1))
  }

  @Test
  func picturesComeAsPNGWhereAskedFor() throws {
    let model = try Workshop.complete()
    let daemon = try RunningDaemon(model: model)
    let client = try DaemonClient(daemon.socket)
    client.generate(seed: 8, first: 4, flags: SPINDRIFT_GENERATE_PNG.rawValue)
    let frames = try client.receiveAll()
    let frame = try #require(frames.first { $0.type == SPINDRIFT_FRAME_PICTURE })
    #expect(try frame.record(spindrift_frame_picture.self).format == SPINDRIFT_PICTURE_PNG.rawValue)
    let picture = try Picture(frame.tail(after: spindrift_frame_picture.self))

    // Sample 4 of the seed: the fifth cell of the program's grid of three columns.
    let path = daemon.folder.path("grid.png")
    #expect(try Program.run(Workshop.converter, ["run", model, "-o", path, "--seed", "8", "--count", "5"]).status == 0)
    let grid = try Picture(path)
    let cell = (8..<16).flatMap { y in grid.pixels[y * 24 + 8..<y * 24 + 16] }
    #expect(picture == Picture(width: 8, height: 8, channels: 1, pixels: Array(cell)))
  }

  @Test
  func noiseFromTheClientTakesThePlaceOfTheSeeds() throws {
    let model = try Workshop.complete()
    let daemon = try RunningDaemon(model: model)
    let noise = ArrayFile(shape: [1, 1, 8, 8], values: (0..<64).map { Float($0 % 13) / 6 - 1 })
    try noise.write(daemon.folder.path("noise.npy"))
    let client = try DaemonClient(daemon.socket)
    client.generate(seed: 2, flags: SPINDRIFT_GENERATE_NOISE.rawValue, tail: noise.values.withUnsafeBytes { Array($0) })
    let frame = try #require(try client.receiveAll().first { $0.type == SPINDRIFT_FRAME_PICTURE })
    let raw = daemon.folder.path("raw.npy")
    let program = try Program.run(
      Workshop.converter, ["run", model, "--raw", raw, "--seed", "2", "--noise", daemon.folder.path("noise.npy")])
    #expect(program.status == 0, "\(program.errors)")
    #expect(frame.tail(after: spindrift_frame_picture.self) == [UInt8](try Data(contentsOf: URL(fileURLWithPath: raw)).suffix(256)))
  }

  /// A model with a decoder: noise of the sample's shape, pictures and answers of the picture's.
  @Test
  func decodersDeliverPicturesOfTheirOwnShape() throws {
    let model = try Workshop.transformer()
    let daemon = try RunningDaemon(model: model)
    let query = try DaemonClient(daemon.socket)
    query.send(SPINDRIFT_FRAME_QUERY)
    let info = try #require(try query.receiveAll().first?.record(spindrift_frame_info.self))
    #expect((info.channels, info.height, info.width) == (3, 8, 8))
    let noise = ArrayFile(shape: [1, 2, 4, 4], values: (0..<32).map { Float($0 % 13) / 6 - 1 })
    try noise.write(daemon.folder.path("noise.npy"))
    let client = try DaemonClient(daemon.socket)
    client.generate(seed: 2, flags: SPINDRIFT_GENERATE_NOISE.rawValue, tail: noise.values.withUnsafeBytes { Array($0) })
    let frame = try #require(try client.receiveAll().first { $0.type == SPINDRIFT_FRAME_PICTURE })
    let record = try frame.record(spindrift_frame_picture.self)
    #expect((record.channels, record.height, record.width) == (3, 8, 8))
    let raw = daemon.folder.path("raw.npy")
    let program = try Program.run(
      Workshop.converter, ["run", model, "--raw", raw, "--seed", "2", "--noise", daemon.folder.path("noise.npy")])
    #expect(program.status == 0, "\(program.errors)")
    #expect(frame.tail(after: spindrift_frame_picture.self) == [UInt8](try Data(contentsOf: URL(fileURLWithPath: raw)).suffix(768)))
  }

  @Test
  func cancelEndsTheRequestBetweenSteps() throws {
    let daemon = try RunningDaemon(model: try Workshop.digits())
    let client = try DaemonClient(daemon.socket)
    client.generate(count: 4096)
    #expect(try client.receive()?.type == SPINDRIFT_FRAME_PROGRESS)
    client.send(SPINDRIFT_FRAME_CANCEL)
    let frames = try client.receiveAll()
    #expect(frames.last?.type == SPINDRIFT_FRAME_DONE)
    let done = try #require(try frames.last?.record(spindrift_frame_done.self))
    #expect(done.cancelled == 1 && done.pictures < 4096)
    #expect(Int(done.pictures) == frames.filter { $0.type == SPINDRIFT_FRAME_PICTURE }.count)
    #expect(try daemon.serves())
  }

  @Test
  func goingAwayEndsTheRequest() throws {
    let daemon = try RunningDaemon(model: try Workshop.digits())
    var client: DaemonClient? = try DaemonClient(daemon.socket)
    client?.generate(count: 4096)
    #expect(try client?.receive()?.type == SPINDRIFT_FRAME_PROGRESS)
    client = nil
    let start = Date()
    #expect(try daemon.serves())
    #expect(Date().timeIntervalSince(start) < 20)
  }

  @Test
  func clientsAreServedOneAfterTheOther() throws {
    let daemon = try RunningDaemon(model: try Workshop.complete())
    let clients = try (0..<5).map { _ in try DaemonClient(daemon.socket) }
    for (index, client) in clients.enumerated() { client.generate(seed: UInt64(index)) }
    let pictures = try clients.map { client in
      try #require(try client.receiveAll().first { $0.type == SPINDRIFT_FRAME_PICTURE }).payload
    }
    #expect(Set(pictures).count == 5)
  }
}
