import DriftGraph
import DriftImport
import Foundation
import Testing

/// Weights of a diffusers folder in forms other than one safetensors file.
@Suite struct TensorFolderTests {
  private static let file = "diffusion_pytorch_model"

  /// The tensors of a fixture's safetensors file, which is F32.
  private func tensors(_ folder: TemporaryFolder) throws -> [(name: String, shape: [Int], values: [Float])] {
    let bytes = try folder.read("\(Self.file).safetensors")
    let length = bytes[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
    let header = try #require(try JSONSerialization.jsonObject(with: Data(bytes[8..<8 + length])) as? [String: Any])
    var tensors: [(name: String, shape: [Int], values: [Float])] = []
    for (name, value) in header.sorted(by: { $0.key < $1.key }) where name != "__metadata__" {
      let entry = try #require(value as? [String: Any])
      let shape = try #require(entry["shape"] as? [Int]), offsets = try #require(entry["data_offsets"] as? [Int])
      let data = bytes[(8 + length + offsets[0])..<(8 + length + offsets[1])]
      let values = Array(data).withUnsafeBytes { raw in
        (0..<raw.count / 4).map { raw.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) }
      }
      tensors.append((name, shape, values))
    }
    return tensors
  }

  private func folder() throws -> (TemporaryFolder, Checkpoint, [(name: String, shape: [Int], values: [Float])]) {
    let folder = try TemporaryFolder(copyOf: Fixtures.unet("plain"))
    let checkpoint = try Checkpoint.load(path: folder.path)
    let tensors = try tensors(folder)
    try folder.remove("\(Self.file).safetensors")
    return (folder, checkpoint, tensors)
  }

  private func expectSame(_ folder: TemporaryFolder, _ expected: Checkpoint) throws {
    let found = try Checkpoint.load(path: folder.path).graph.parameters
    #expect(Set(found.keys) == Set(expected.graph.parameters.keys))
    for (name, parameter) in expected.graph.parameters { #expect(found[name]?.values == parameter.values, "\(name)") }
  }

  @Test func `a folder whose weights are a PyTorch archive loads the same`() throws {
    let (folder, expected, tensors) = try folder()
    try folder.write("\(Self.file).bin", ArchiveBytes(tensors: tensors).bytes)
    try expectSame(folder, expected)
  }

  @Test func `weights in several files load the same, and an index that lies is refused`() throws {
    let (folder, expected, tensors) = try folder()
    let half = tensors.count / 2
    func index(_ place: (Int) -> String) throws {
      let map = Dictionary(uniqueKeysWithValues: tensors.enumerated().map { ($0.element.name, place($0.offset)) })
      let data = try JSONSerialization.data(withJSONObject: ["metadata": ["total_size": 1], "weight_map": map])
      try folder.write("\(Self.file).bin.index.json", Array(data))
    }
    try folder.write("one.bin", ArchiveBytes(tensors: Array(tensors[..<half])).bytes)
    try folder.write("two.bin", ArchiveBytes(tensors: Array(tensors[half...])).bytes)
    try index { $0 < half ? "one.bin" : "two.bin" }
    try expectSame(folder, expected)
    let lies: [((Int) -> String, String)] = [
      ({ _ in "one.bin" }, "which lacks it"), ({ $0 < half ? "one.bin" : "../two.bin" }, "in the same folder"),
      ({ $0 < half ? "one.bin" : "three.bin" }, "does not exist"), ({ _ in "a.index.json" }, "names the index"),
    ]
    for (place, problem) in lies {
      try index(place)
      #expect { try Checkpoint.load(path: folder.path) } throws: { "\($0)".contains(problem) }
    }
    try folder.write("\(Self.file).bin.index.json", "{}")
    #expect { try Checkpoint.load(path: folder.path) } throws: { "\($0)".contains("weight_map") }
  }
}
