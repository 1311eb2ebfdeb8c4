import DriftGraph
import DriftImport
import Foundation
import Testing

/// Small ONNX models with shapes, attributes and numbers of inputs that no exporter writes.
@Suite struct HostileExportTests {
  static func models() throws -> [String: Data] {
    let file = Fixtures.onnx("../hostile_models.json")
    let texts = try JSONDecoder().decode([String: String].self, from: Data(contentsOf: URL(fileURLWithPath: file)))
    return try texts.mapValues { try #require(Data(base64Encoded: $0)) }
  }

  private func refusal(_ model: Data) throws -> String? {
    let folder = try TemporaryFolder()
    try folder.write("model.onnx", Array(model))
    try folder.write("schedule.json", #"{"process": "beta"}"#)
    do {
      _ = try Checkpoint.load(path: "\(folder.path)/model.onnx")
      return nil
    } catch {
      return "\(error)"
    }
  }

  @Test func `every model is converted or refused`() throws {
    let models = try Self.models()
    #expect(models.count >= 30)
    for (name, model) in models {
      if let message = try refusal(model) { #expect(message.contains("model.onnx"), "\(name): \(message)") }
    }
  }

  /// Converted, these would give other numbers than ONNX defines.
  @Test(arguments: ["rank5t", "gapbcast", "resizescale", "cast", "bnvar", "subone", "powone"])
  func `what would come out wrong is refused`(_ name: String) throws {
    let model = try #require(try Self.models()[name])
    #expect(try refusal(model) != nil)
  }

  @Test func `what nothing needs may be strange`() throws {
    let model = try #require(try Self.models()["lostempty"])
    #expect(try refusal(model) == nil)
  }
}
