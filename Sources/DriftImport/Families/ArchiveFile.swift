import Foundation

/// Files of trained tensors: single ones, and indices of several.
enum ArchiveFile {
  /// Endings of files that are read so.
  static let endings: Set<String> = ["pt", "pth", "bin", "ckpt", "safetensors"]

  static func isNamed(_ path: String) -> Bool { endings.contains(URL(fileURLWithPath: path).pathExtension.lowercased()) }

  /// Opens a `.safetensors` file, an index of several files, or (under any other name) a PyTorch archive, by its ending.
  static func open(_ path: String) throws(ImportError) -> any TensorSource {
    if path.hasSuffix(".index.json") { return try ShardedTensors(path) }
    if path.lowercased().hasSuffix(".safetensors") { return try SafetensorsFile(path) }
    return try PyTorchArchive(path).stateDict()
  }
}
