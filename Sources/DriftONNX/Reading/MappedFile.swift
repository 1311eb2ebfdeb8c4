import Foundation

/// Whole files without a copy in memory.
package enum MappedFile {
  /// The bytes of a regular file.
  ///
  /// `mappedIfSafe` reads files into memory on Linux; where a file cannot be mapped, that is what happens here too.
  package static func read(_ path: String) throws -> Data {
    let url = URL(fileURLWithPath: path)
    if let data = try? Data(contentsOf: url, options: .alwaysMapped) { return data }
    return try Data(contentsOf: url)
  }
}
