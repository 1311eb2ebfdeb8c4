import DriftGraph
import DriftImport
import DriftReference
import Foundation
import Testing

/// PyTorch archives of known families, as training scripts leave them: nested dictionaries, running means, half precision, shared storages.
@Suite struct ArchiveFamilyTests {
  /// Heads and the like, as the scripts' own options say.
  private static let settings: [String: [String]] = [
    "guided-diffusion": ["head_channels=16"],
    "guided-diffusion-new-order": ["head_channels=8", "attention_order=new"],
    "improved-diffusion": ["heads=4"],
    "improved-diffusion-levels": ["heads=1"],
    "improved-diffusion-no-convolutions": ["heads=2"],
    "latent-diffusion": ["heads=4", "context_tokens=5"],
    "latent-diffusion-linear": ["head_channels=16", "context_tokens=5"],
    "latent-diffusion-unconditional": ["head_channels=32"],
    "sdm-ann": ["bits=3"],
  ]

  /// Where the golden has a name of its own.
  private static let golden = ["sdm-ann": "output_3_bits"]

  /// Networks of spiking neurons, whose values jump.
  private static let spiking = ["sddpm", "sdm-tsm"]

  /// After its conversion to spikes, without a golden.
  private static let converted = "sdm-converted"

  static let evaluated = names.filter { !spiking.contains($0) && $0 != converted }

  private static let names = Fixtures.names("archives").filter { $0.hasSuffix(".pt") }.map { String($0.dropLast(3)) }

  private func load(_ name: String) throws -> Checkpoint {
    let folder = try TemporaryFolder()
    try folder.write("noise.json", FamilyFixtureTests.schedule)
    return try Checkpoint.load(
      path: Fixtures.archive("\(name).pt"), scheduleFile: "\(folder.path)/noise.json",
      architecture: ArchitectureOptions(sampleShape: [8, 8], settings: Self.settings[name] ?? []))
  }

  @Test func `there are fixtures`() {
    #expect(Self.names.count == 14)
    #expect(Self.evaluated.count == 11)
  }

  @Test(arguments: evaluated)
  func `archives agree with PyTorch to 90 dB`(_ name: String) throws {
    let folder = Fixtures.archive(name), graph = try load(name).graph
    let input = try NPYArray.read("\(folder)/input.npy"),
      output = try NPYArray.read("\(folder)/\(Self.golden[name] ?? "output").npy")
    let timesteps = try NPYArray.read("\(folder)/timestep.npy").floats
    let labels = graph.classCount > 0 ? try NPYArray.read("\(folder)/class.npy").integers : nil
    for index in timesteps.indices {
      var bound = graph
      if graph.openInputs["context"] != nil { bound = try graph.binding("context", to: [try tokens(folder, index)]) }
      let size = input.count / 2, length = output.count / 2
      let found = try FloatDenoiser(bound).evaluate(
        x: Array(input.floats[index * size..<(index + 1) * size]), timestep: timesteps[index], classLabel: labels?[index])
      // Of a learned variance the first half counts.
      let expected = Array(output.floats[index * length..<(index + 1) * length].prefix(found.count))
      let sqnr = Measures.sqnr(expected, found)
      print("\(name), evaluation \(index): SQNR \(sqnr) dB")
      #expect(sqnr >= 90)
    }
  }

  /// An evaluation's context, channels first.
  private func tokens(_ folder: String, _ index: Int) throws -> [Float] {
    let array = try NPYArray.read("\(folder)/context.npy")
    let (tokens, width) = (array.shape[1], array.shape[2])
    let values = array.floats[index * tokens * width..<(index + 1) * tokens * width]
    return (0..<width).flatMap { channel in (0..<tokens).map { values[values.startIndex + $0 * width + channel] } }
  }

  @Test(arguments: spiking)
  func `archives of spiking networks keep their neurons`(_ name: String) throws {
    let checkpoint = try load(name)
    let neurons = checkpoint.graph.nodes.filter { if case .spiking = $0.operation { true } else { false } }
    #expect(neurons.count > 20)
    #expect(checkpoint.graph.sampleShape == Shape(channels: 3, height: 8, width: 8))
  }

  @Test(arguments: spiking)
  func `spiking networks answer as PyTorch does but for few neurons at their thresholds`(_ name: String) throws {
    let folder = Fixtures.archive(name), graph = try load(name).graph
    let input = try NPYArray.read("\(folder)/input.npy"), output = try NPYArray.read("\(folder)/output.npy")
    let timesteps = try NPYArray.read("\(folder)/timestep.npy").floats, size = input.count / 2
    for index in timesteps.indices {
      let range = index * size..<(index + 1) * size
      let found = try FloatDenoiser(graph).evaluate(x: Array(input.floats[range]), timestep: timesteps[index])
      let sqnr = Measures.sqnr(Array(output.floats[range]), found)
      print("\(name), evaluation \(index): SQNR \(sqnr) dB")
      #expect(sqnr >= 40)
    }
  }

  @Test func `a network that SDM has converted is read as what it was before`() throws {
    let checkpoint = try load(Self.converted)
    #expect(checkpoint.description.contains("sdm-ann"))
    #expect(checkpoint.remarks.contains { $0.contains("converted to spikes by SDM") })
    let activations = checkpoint.graph.nodes.filter { if case .quantizedActivation = $0.operation { true } else { false } }
    let names = try PyTorchArchive(Fixtures.archive("\(Self.converted).pt")).stateDict().names
    #expect(activations.count == names.count { $0.hasSuffix("act_alpha") })
    #expect(!activations.isEmpty)
  }
}
