import DriftEmission
import DriftTestImages
import Foundation

/// Writes test files:
///
///     WriteCorpus FOLDER         the corpus of hostile files, into a folder that is made anew
///     WriteCorpus --image FILE   one valid file, through the writer that the converter uses
@main struct WriteCorpus {
  static func main() {
    let arguments = CommandLine.arguments.dropFirst()
    do {
      if arguments.count == 1, let folder = arguments.first {
        try writeCorpus(to: URL(fileURLWithPath: folder, isDirectory: true))
      } else if arguments.count == 2, arguments.first == "--image", let path = arguments.last {
        try TestImages.complete().write(to: path)
      } else {
        fail("usage: WriteCorpus FOLDER | --image FILE", status: 64)
      }
    } catch {
      fail("\(error)", status: 1)
    }
  }

  private static func writeCorpus(to folder: URL) throws {
    try? FileManager.default.removeItem(at: folder)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for (name, bytes) in try Corpus().files {
      try Data(bytes).write(to: folder.appendingPathComponent(name))
    }
  }

  private static func fail(_ message: String, status: Int32) -> Never {
    FileHandle.standardError.write(Data("\(message)\n".utf8))
    exit(status)
  }
}
