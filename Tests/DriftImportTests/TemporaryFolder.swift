import Foundation
import Testing

/// A folder that is gone when the test ends.
final class TemporaryFolder {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "drift-import-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  /// Begins with a copy of a fixture.
  convenience init(copyOf fixture: String) throws {
    try self.init()
    for name in try FileManager.default.contentsOfDirectory(atPath: fixture) {
      try FileManager.default.copyItem(atPath: "\(fixture)/\(name)", toPath: "\(path)/\(name)")
    }
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ name: String, _ text: String) throws {
    try write(name, Array(text.utf8))
  }

  func write(_ name: String, _ bytes: [UInt8]) throws {
    let url = URL(fileURLWithPath: "\(path)/\(name)")
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: url)
  }

  func read(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: "\(path)/\(name)")))
  }

  func remove(_ name: String) throws {
    try FileManager.default.removeItem(atPath: "\(path)/\(name)")
  }

  /// Replaces the value of a key in a JSON file; nil takes the key out.
  func set(_ key: String, _ value: Any?, in name: String) throws {
    var object = try #require(try JSONSerialization.jsonObject(with: Data(try read(name))) as? [String: Any])
    object[key] = value
    try write(name, Array(try JSONSerialization.data(withJSONObject: object, options: .fragmentsAllowed)))
  }

  /// Puts a JSON value, given as text, into a JSON file, in the place of that key if it is there.
  func setText(_ key: String, _ json: String, in name: String) throws {
    try set(key, nil, in: name)
    let text = String(decoding: try read(name), as: UTF8.self)
    try write(name, "{\"\(key)\": \(json)," + text.dropFirst())
  }
}
