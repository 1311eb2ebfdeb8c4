import Foundation

/// A single file of trained tensors.
enum ArchiveFile {
  /// Endings of files that are read so.
  static let endings: Set<String> = ["pt", "pth", "bin", "ckpt", "safetensors"]

  static func isNamed(_ path: String) -> Bool { endings.contains(URL(fileURLWithPath: path).pathExtension.lowercased()) }

  /// Opens a file by its ending.
  static func open(_ path: String) throws(ImportError) -> any TensorSource {
    try TensorFiles.open(path)
  }
}
