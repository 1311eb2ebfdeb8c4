import DriftEmission
import DriftFormat
import DriftTestImages
import Foundation
import Testing

@Suite struct WriteTests {
  /// A folder that is removed at the end.
  private final class Folder {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("spindrift-\(UUID().uuidString)")

    init() throws {
      try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit {
      try? FileManager.default.removeItem(at: url)
    }

    func path(_ name: String) -> String { url.appendingPathComponent(name).path }

    var contents: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []).sorted() }
  }

  private func bytes(_ path: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: path)))
  }

  @Test func aFileIsWrittenWholeAndAlone() throws {
    let folder = try Folder()
    try TestImages.complete().write(to: folder.path("model.drift"))
    #expect(folder.contents == ["model.drift"])
    #expect(try bytes(folder.path("model.drift")) == TestImages.complete().encode())
  }

  @Test func anOldFileIsReplaced() throws {
    let folder = try Folder()
    try TestImages.complete().write(to: folder.path("model.drift"))
    try TestImages.minimal().write(to: folder.path("model.drift"))
    #expect(try bytes(folder.path("model.drift")) == TestImages.minimal().encode())
  }

  /// A running engine keeps the file that it has mapped.
  @Test func whoHasTheOldFileOpenKeepsIt() throws {
    let folder = try Folder()
    try TestImages.complete().write(to: folder.path("model.drift"))
    let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: folder.path("model.drift")))
    defer { try? handle.close() }
    try TestImages.minimal().write(to: folder.path("model.drift"))
    #expect(try handle.readToEnd().map { Array($0) } == TestImages.complete().encode())
  }

  @Test func aSymbolicLinkStaysALink() throws {
    let folder = try Folder()
    try TestImages.complete().write(to: folder.path("target.drift"))
    try FileManager.default.createSymbolicLink(atPath: folder.path("link.drift"), withDestinationPath: "target.drift")
    try TestImages.minimal().write(to: folder.path("link.drift"))
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: folder.path("link.drift")) == "target.drift")
    #expect(try bytes(folder.path("target.drift")) == TestImages.minimal().encode())
    #expect(folder.contents == ["link.drift", "target.drift"])
  }

  private func expectSystemError(_ path: String, _ reason: String) {
    let error = #expect(throws: EmissionError.self) { try TestImages.minimal().write(to: path) }
    #expect(error?.description.contains(path) == true)
    #expect(error?.description.contains(reason) == true, "\(String(describing: error))")
  }

  @Test func failuresNameThePathAndTheReason() throws {
    let folder = try Folder()
    expectSystemError(folder.path("none/model.drift"), "No such file")
    expectSystemError(folder.url.path, "folder")
    expectSystemError("/dev/full", "No space left")
    #expect(folder.contents.isEmpty)
  }

  @Test func anInvalidImageLeavesNothing() throws {
    let folder = try Folder()
    var image = TestImages.minimal()
    image.model.initial_scale = 0
    #expect(throws: EmissionError.self) { try image.write(to: folder.path("model.drift")) }
    #expect(folder.contents.isEmpty)
  }

  /// A disk that fills up while the file is being written: the process may write 8 KB, the file has more.
  @Test func aDiskThatFillsUpLeavesTheOldFileAlone() throws {
    let folder = try Folder()
    try TestImages.minimal().write(to: folder.path("model.drift"))
    let writer = try #require(Bundle.main.executableURL).deletingLastPathComponent().appendingPathComponent("WriteCorpus")
    for name in ["model.drift", "new.drift"] {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/bin/sh")
      process.arguments = ["-c", "trap '' XFSZ; ulimit -f 16; exec \"$0\" --image \"$1\"", writer.path, folder.path(name)]
      let errors = Pipe()
      process.standardError = errors
      try process.run()
      let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      process.waitUntilExit()
      #expect(process.terminationStatus == 1)
      #expect(text.contains("File too large"), "\(text)")
    }
    #expect(folder.contents == ["model.drift"])
    #expect(try bytes(folder.path("model.drift")) == TestImages.minimal().encode())
  }
}
