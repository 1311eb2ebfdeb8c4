import Foundation

/// Checkpoints and scheduler runs that tools/fixtures wrote.
enum Fixtures {
  private static var folder: String {
    var path = #filePath.split(separator: "/")
    path.removeLast()
    return "/" + path.joined(separator: "/") + "/Fixtures"
  }

  static func unet(_ name: String) -> String { "\(folder)/unet/\(name)" }

  static func pytorch(_ name: String) -> String { "\(folder)/pytorch/\(name)" }

  static func onnx(_ name: String) -> String { "\(folder)/onnx/\(name)" }

  static func family(_ name: String) -> String { "\(folder)/families/\(name)" }

  static func pipeline(_ name: String) -> String { "\(folder)/pipelines/\(name)" }

  static func rebuilt(_ name: String) -> String { "\(folder)/rebuilt/\(name)" }

  static func archive(_ name: String) -> String { "\(folder)/archives/\(name)" }

  static func scheduler(_ name: String) -> String { "\(folder)/schedulers/\(name)" }

  static func sampler(_ name: String) -> String { "\(folder)/samplers/\(name)" }

  static func schedule(_ name: String) -> String { "\(folder)/schedules/\(name).json" }

  /// Names of all fixtures of a kind, `unet`, `families`, `pipelines`, `archives`, `rebuilt`, `schedulers` or `samplers`.
  static func names(_ kind: String) -> [String] {
    // An empty list would pass every test, so the tests count what they got.
    (try? FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(kind)").sorted()) ?? []
  }
}
