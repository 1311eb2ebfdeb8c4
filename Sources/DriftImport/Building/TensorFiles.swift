/// Files of tensors of any kind that can be read.
enum TensorFiles {
  /// Opens a `.safetensors` file, an index of several files, or (under any other name) a PyTorch archive.
  static func open(_ path: String) throws(ImportError) -> any TensorSource {
    if path.hasSuffix(".index.json") { return try ShardedTensors(path) }
    if path.hasSuffix(".safetensors") { return try SafetensorsFile(path) }
    return try PyTorchArchive(path).stateDict()
  }
}
