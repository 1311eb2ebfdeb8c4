import DriftGraph
import DriftImport
import DriftReference
import Testing

/// Options of UNet2DConditionModel and UNet1DModel that can be converted, against what diffusers answers.
@Suite struct DiffusersFamilyTests {
  static let names = Fixtures.names("families").filter { $0.hasPrefix("unet-") }

  @Test func `there are fixtures`() {
    #expect(Self.names.count >= 20)
  }

  @Test(arguments: names)
  func `imported networks agree with diffusers to 90 dB`(_ name: String) throws {
    let golden = try Golden(name, classCount: name.hasSuffix("class-timestep") ? 1000 : nil)
    for index in 0..<golden.count {
      let sqnr = try golden.sqnr(index, golden.graph, label: try golden.label(index))
      print("\(name), evaluation \(index): SQNR \(sqnr) dB")
      #expect(sqnr >= 90)
    }
  }

  @Test func `prompts become classes`() throws {
    let golden = try Golden("unet-condition-sd1", classCount: 2)
    let name = "encoder_hidden_states"
    #expect(golden.graph.openInputs == [name: Shape(channels: 6, width: 5)])
    let bound = try golden.graph.binding(name, to: [try golden.value(name, 0), try golden.value(name, 1)])
    for index in 0...1 {
      #expect(try golden.sqnr(index, bound, label: index) >= 90)
      #expect(try golden.sqnr(index, bound, label: 1 - index) < 60)
    }
  }

  @Test func `an input that was not given is asked for by its name`() throws {
    let golden = try Golden("unet-condition-sd1")
    let x = [Float](repeating: 0, count: 4 * 8 * 8)
    #expect { try FloatDenoiser(golden.graph).evaluate(x: x, timestep: 1) } throws: { "\($0)".contains("encoder_hidden_states") }
  }

  @Test func `channels beyond the answer's are a picture`() throws {
    let graph = try Golden("unet-condition-kernels").graph
    #expect(graph.sampleShape == Shape(channels: 4, height: 8, width: 12))
    #expect(graph.openInputs["image"] == Shape(channels: 5, height: 8, width: 12))
  }
}
