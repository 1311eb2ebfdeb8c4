import CDriftPlatform
import Foundation
import Testing

/// Mapping and writing files, on a real disk.
final class FileTests {
  private let folder = NSTemporaryDirectory() + "drift-file-tests-\(UUID().uuidString)"

  init() throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  private func map(_ path: String) -> (error: Int32, contents: Data) {
    var mapping = drift_mapping()
    let error = drift_map_file(path, &mapping)
    defer { drift_unmap_file(&mapping) }
    return (error, mapping.base.map { Data(bytes: $0, count: Int(mapping.length)) } ?? Data())
  }

  private var names: [String] { (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] }

  @Test func aFileIsMappedByteForByte() throws {
    for count in [1, 4095, 4096, 100_000] {
      let contents = Data((0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) })
      try contents.write(to: URL(fileURLWithPath: folder + "/f"))
      #expect(map(folder + "/f") == (0, contents))
    }
  }

  @Test func anEmptyFileIsAnEmptyMapping() throws {
    try Data().write(to: URL(fileURLWithPath: folder + "/empty"))
    #expect(map(folder + "/empty") == (0, Data()))
  }

  @Test func whatIsNotAFileIsRefusedWithoutWaiting() throws {
    #expect(map(folder).error == DRIFT_FILE_NOT_REGULAR.rawValue)
    #expect(map("/dev/zero").error == DRIFT_FILE_NOT_REGULAR.rawValue)
    #expect(mkfifo(folder + "/pipe", 0o600) == 0)
    #expect(map(folder + "/pipe").error == DRIFT_FILE_NOT_REGULAR.rawValue)
    #expect(map(folder + "/missing").error == ENOENT)
    #expect(map(folder + "/missing/deeper").error == ENOENT)
    #expect(map("").error == ENOENT)
  }

  @Test func aTemporaryFileAppearsOnlyWhenItIsCommitted() throws {
    let path = folder + "/out"
    try Data("old".utf8).write(to: URL(fileURLWithPath: path))
    var temporary = drift_temporary()
    #expect(drift_temporary_create(path, &temporary) == 0)
    #expect(drift_write_all(temporary.descriptor, "new contents", 12) == 0)
    #expect(map(path).contents == Data("old".utf8))
    #expect(names.count == 2)
    #expect(drift_temporary_commit(&temporary, path) == 0)
    #expect(map(path).contents == Data("new contents".utf8))
    #expect(names == ["out"])
    drift_temporary_discard(&temporary)
    #expect(names == ["out"])
  }

  @Test func aDiscardedFileLeavesNothing() throws {
    var (first, second) = (drift_temporary(), drift_temporary())
    #expect(drift_temporary_create(folder + "/out", &first) == 0)
    #expect(drift_temporary_create(folder + "/out", &second) == 0, "two writers do not meet")
    #expect(names.count == 2)
    drift_temporary_discard(&first)
    drift_temporary_discard(&second)
    drift_temporary_discard(&second)
    #expect(names.isEmpty)
  }

  @Test func placesThatCannotBeWrittenAreReportedAndLeftClean() throws {
    var temporary = drift_temporary()
    #expect(drift_temporary_create(folder + "/missing/out", &temporary) == ENOENT)
    #expect(drift_temporary_create("", &temporary) == ENOENT)
    #expect(drift_temporary_create("/proc/out", &temporary) != 0)
    #expect(drift_temporary_create(String(repeating: "x", count: 5000), &temporary) == DRIFT_FILE_PATH_TOO_LONG.rawValue)
    try FileManager.default.createDirectory(atPath: folder + "/taken", withIntermediateDirectories: true)
    #expect(drift_temporary_create(folder + "/taken", &temporary) == 0)
    #expect(drift_temporary_commit(&temporary, folder + "/taken") == EISDIR)
    #expect(names == ["taken"])
  }

  @Test func aFullDiskIsReported() throws {
    let descriptor = open("/dev/full", O_WRONLY)
    defer { close(descriptor) }
    #expect(drift_write_all(descriptor, "x", 1) == ENOSPC)
    #expect(drift_write_all(-1, "x", 1) == EBADF)
    #expect(drift_write_all(descriptor, "x", 0) == 0)
  }

  @Test func everyErrorHasAText() {
    let errors = [ENOENT, EACCES, ENOSPC, EISDIR, -1, -2, -3, 99_999, Int32.min].map { String(cString: drift_error_text($0)) }
    #expect(errors.allSatisfy { !$0.isEmpty })
    #expect(Set(errors.prefix(7)).count == 7)
  }
}
