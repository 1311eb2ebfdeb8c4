import DriftGraph

/// Tensors of a network after SDM's conversion to spikes (`converted_snn.pt`) under the names that they had before it: the conversion moves each
/// sequence of layers into a module `block`.
struct ConvertedTensors: TensorSource {
  private let source: any TensorSource
  /// Names in the file by names before the conversion.
  private let originals: [String: String]

  /// Nil if the file is none of a converted network.
  init?(_ source: any TensorSource) {
    guard source.names.contains(where: { $0.hasSuffix("time_embedding.timembedding.block.1.weight") }) else { return nil }
    self.source = source
    originals = Dictionary(
      source.names.map { ($0.split(separator: ".").filter { $0 != "block" }.joined(separator: "."), $0) },
      uniquingKeysWith: { a, _ in a })
  }

  var path: String { source.path }

  var names: [String] { originals.keys.sorted() }

  func shape(of name: String) -> [Int]? { originals[name].flatMap { source.shape(of: $0) } }

  func parameter(_ name: String) throws(ImportError) -> Parameter { try source.parameter(originals[name] ?? name) }
}
