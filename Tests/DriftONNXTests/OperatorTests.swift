import DriftONNX
import Foundation
import Testing

/// Each operator against the reference evaluator of the standard (tools/fixtures/onnx_operators.py).
@Suite struct OperatorTests {
  /// A tensor as the fixtures hold it.
  struct Tensor: Decodable {
    var type: Int32
    var shape: [Int]
    var values: [Double]

    /// As the evaluator takes it.
    func value() throws -> TensorValue {
      let type = try #require(ElementType(rawValue: type))
      return type.isFloat
        ? TensorValue(shape, floats: values.map { Float($0) }) : TensorValue(shape, integers: values.map { Int($0) }, type: type)
    }
  }

  /// A model of one operator.
  struct Case: Decodable, CustomTestStringConvertible {
    var name: String
    var model: Data
    var inputs: [String: Tensor]
    var outputs: [String: Tensor]

    var testDescription: String { name }
  }

  static let cases: [Case] = {
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Fixtures/operators.json")
    return (try? JSONDecoder().decode([Case].self, from: Data(contentsOf: path))) ?? []
  }()

  @Test func `there are cases`() {
    // An empty list would pass every test.
    #expect(Self.cases.count == 168)
  }

  @Test(arguments: cases)
  func `an operator gives what the reference evaluator gives`(_ test: Case) throws {
    let folder = try TemporaryFolder()
    try test.model.write(to: URL(fileURLWithPath: "\(folder.path)/model.onnx"))
    let graph = try FoldedGraph(try ONNXModel(path: "\(folder.path)/model.onnx"))
    let answers = try graph.evaluate(Set(test.outputs.keys), inputs: try test.inputs.mapValues { try $0.value() })
    for (name, expected) in test.outputs {
      let info = try #require(graph.tensors[name])
      let found = try #require(answers[name] ?? info.constant?.value())
      #expect(found.shape == expected.shape)
      #expect(found.type.rawValue == expected.type)
      // What was inferred before anything was computed.
      #expect(info.shape == expected.shape)
      #expect(info.type.rawValue == expected.type)
      #expect(found.count == expected.values.count)
      for (wanted, got) in zip(expected.values, found.floats) {
        #expect(abs(wanted - Double(got)) <= 2e-6 * max(1, abs(wanted)))
      }
      if case .floats = found.storage { #expect(found.type.isFloat) } else { #expect(!found.type.isFloat) }
    }
  }
}
