import DriftONNX
import Foundation

/// Whole files, with errors that name them.
enum FileBytes {
  /// Whether there is a file, and not a folder.
  static func isFile(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && !isFolder.boolValue
  }

  /// The bytes of a regular file.
  static func read(_ path: String) throws(ImportError) -> Data {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { throw ImportError(path, "does not exist") }
    guard !isFolder.boolValue else { throw ImportError(path, "is a folder, expected a file") }
    do { return try Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe) } catch {
      throw ImportError(path, "cannot be read: \(reason(error))")
    }
  }

  /// The bytes of a large regular file, mapped, so that what is not used is never read and nothing is held twice.
  static func map(_ path: String) throws(ImportError) -> Data {
    if let data = try? MappedFile.read(path) { return data }
    return try read(path)
  }

  /// What a Foundation error says, without its domain and dictionary.
  static func reason(_ error: any Error) -> String {
    let underlying = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
    return (underlying ?? error as NSError).localizedDescription
  }
}
