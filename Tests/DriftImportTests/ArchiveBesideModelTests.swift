import DriftGraph
import DriftImport
import DriftONNX
import Foundation
import Testing

/// Public archives beside the ONNX models that were exported from them.
@Suite struct ArchiveBesideModelTests {
  private static let models = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("models").path

  struct Pair: CustomTestStringConvertible {
    var folder: String
    var archive: String
    /// Tensors that the network has and its forward pass does not use.
    var unused: Set<String> = []
    var count: Int
    var testDescription: String { folder }
  }

  static let pairs = [
    Pair(folder: "sofia-mnist-vit", archive: "DiffusionViT.pth", count: 54),
    Pair(
      folder: "pulfer-ddpm-fashion", archive: "ddpm_fashion.pt",
      unused: ["network.b_out.2.ln.weight", "network.b_out.2.ln.bias"], count: 173),
  ]

  @Test(arguments: pairs)
  func `tensors of an archive are the initializers of the export`(_ pair: Pair) throws {
    let weights = try PyTorchArchive("\(Self.models)/\(pair.folder)/\(pair.archive)").stateDict()
    let model = try ONNXModel(path: "\(Self.models)/\(pair.folder)/model.onnx")
    let exported = Set(model.initializers.values.map { $0.value().floats })
    #expect(weights.names.count == pair.count)
    var missing: Set<String> = []
    for name in weights.names {
      let tensor = try weights.parameter(name)
      if !exported.contains(tensor.values) && !exported.contains(Self.transposed(tensor.values, tensor.shape)) {
        missing.insert(name)
      }
    }
    #expect(missing == pair.unused)
  }

  /// Exporters turn the matrices of linear layers.
  private static func transposed(_ values: [Float], _ shape: [Int]) -> [Float] {
    guard shape.count == 2 else { return values }
    return (0..<shape[1]).flatMap { column in (0..<shape[0]).map { values[$0 * shape[1] + column] } }
  }

  @Test(arguments: pairs)
  func `an archive of a network of its author's own is refused with the general way`(_ pair: Pair) throws {
    #expect {
      try Checkpoint.load(
        path: "\(Self.models)/\(pair.folder)/\(pair.archive)", architecture: ArchitectureOptions(sampleShape: [28, 28]))
    } throws: {
      let message = "\($0)"
      return message.contains(pair.archive) && message.contains("torch.onnx.export")
        && message.contains("spindrift convert model.onnx --schedule FILE.json")
    }
  }
}
