import DriftGraph
import DriftImport
import DriftReference
import Foundation
import Testing

/// Exports of tiny networks by both of PyTorch's exporters, against what PyTorch answers.
@Suite struct ONNXFixtureTests {
  private struct Interface: Decodable {
    struct Port: Decodable {
      var name: String
      var shape: [Int]
    }

    var files: [String]
    var inputs: [Port]
    var outputs: [Port]
  }

  /// Networks with constructs that the translator does not take yet: pixel unshuffle in front of a convolution, variances by other formulas,
  /// LeakyRelu.
  private static let notYet: Set<String> = []

  /// Networks, each with a folder of goldens.
  static var networks: [String] { Fixtures.names("onnx").filter { !$0.contains(".") && !notYet.contains($0) } }

  @Test func `there are fixtures`() {
    #expect(Self.networks.count == 17)
  }

  @Test(arguments: notYet)
  func `what cannot be translated is refused by node, operator and reason`(_ network: String) throws {
    let folder = Fixtures.onnx(network)
    let data = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/io.json"))
    let interface = try JSONDecoder().decode(Interface.self, from: data)
    // At least one of the exports; the other exporter may write the same network in another way.
    let refusals = interface.files.compactMap { file -> String? in
      do {
        _ = try worstRatio(Fixtures.onnx(file), folder, interface)
        return nil
      } catch { return "\(error)" }
    }
    #expect(!refusals.isEmpty)
    #expect(refusals.contains { $0.contains("cannot be converted") && $0.contains("opset") }, "\(refusals)")
  }

  @Test(arguments: networks)
  func `exported networks agree with PyTorch to 90 dB`(_ network: String) throws {
    let folder = Fixtures.onnx(network)
    let data = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/io.json"))
    let interface = try JSONDecoder().decode(Interface.self, from: data)
    for file in interface.files {
      let worst = try worstRatio(Fixtures.onnx(file), folder, interface)
      print("\(file): SQNR \(worst) dB")
      #expect(worst >= 90, "\(file)")
    }
  }

  private func worstRatio(_ path: String, _ folder: String, _ interface: Interface) throws -> Double {
    let temporary = try TemporaryFolder()
    let isConditional = interface.inputs.contains { $0.name.contains("class") || $0.name == "y" }
    try temporary.write(
      "schedule.json", #"{"process": "beta", "num_train_timesteps": 1000\#(isConditional ? #", "num_classes": 16"# : "")}"#)
    let sampleShape = interface.inputs.first { $0.name == "sample" }?.shape ?? interface.inputs[0].shape
    let checkpoint = try Checkpoint.load(
      path: path, scheduleFile: "\(temporary.path)/schedule.json", shapes: [:].merging(open(interface)) { $1 })
    let output = try NPYArray.read("\(folder)/\(interface.outputs[0].name).npy")
    let count = output.shape[0]
    var worst = Double.infinity
    for index in 0..<count {
      func row(_ name: String) throws -> [Float] {
        let array = try NPYArray.read("\(folder)/\(name).npy")
        let size = array.count / count
        return Array(array.floats[index * size..<(index + 1) * size])
      }
      var graph = checkpoint.graph
      var (timestep, label): (Float, Int?) = (0, nil)
      for port in interface.inputs {
        let values = try row(port.name)
        if let shape = graph.openInputs[port.name] {
          graph = try graph.binding(port.name, to: [port.shape.count == 3 ? transposed(values, shape) : values])
        } else if port.name.contains("class") || port.name == "y" {
          label = Int(values[0])
        } else if port.shape != sampleShape {
          timestep = values[0]
        }
      }
      let found = try FloatDenoiser(graph).evaluate(x: try row(interface.inputs[0].name), timestep: timestep, classLabel: label)
      // A network that also predicts variances answers with twice the channels.
      let expected = try row(interface.outputs[0].name)
      worst = min(worst, Measures.sqnr(Array(expected.prefix(found.count)), found))
    }
    return worst
  }

  /// Shapes of the inputs, for exports that leave them open.
  private func open(_ interface: Interface) -> [String: [Int]] {
    Dictionary(uniqueKeysWithValues: interface.inputs.map { ($0.name, $0.shape) })
  }

  /// Tokens come with their channels last; the graph holds channels first.
  private func transposed(_ values: [Float], _ shape: Shape) -> [Float] {
    (0..<shape.channels).flatMap { channel in (0..<shape.pixels).map { values[$0 * shape.channels + channel] } }
  }
}
