import DriftEmission
import DriftGraph
import DriftImport
import DriftQuantization
import Foundation
import Testing

/// Every denoiser of diffusers beside `UNet2DModel`, with what it takes besides the sample bound as `--context` binds it.
@Suite struct FamilyConversionTests {
  private static let folder = DecoderConversionTests.families
  static let names: [String] = ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [])
    .filter { name in ["dit", "transformer", "unet"].contains { name.hasPrefix($0) } }.sorted()

  @Test func thereAreFixtures() {
    #expect(Self.names.count == 30)
  }

  /// Inputs in the file of that name that are none of the model's: numbers of classes.
  private static let labelled = [
    "unet-condition-class-identity", "unet-condition-class-projection", "unet-condition-class-simple-projection",
  ]

  /// The checkpoint, of two prompts where the model has no classes of its own.
  private func checkpoint(_ name: String) throws -> Checkpoint {
    let folder = Self.folder.appendingPathComponent(name)
    let x = try NPYArray.read(folder.appendingPathComponent("input.npy").path)
    var inputs: [String: NPYArray] = [:]
    for file in try FileManager.default.contentsOfDirectory(atPath: folder.path) where file.hasSuffix(".npy") {
      let input = String(file.dropLast(4))
      if ["input", "output", "timestep"].contains(input) { continue }
      if input == "class_labels", !Self.labelled.contains(name) { continue }
      inputs[input] = try NPYArray.read(folder.appendingPathComponent(file).path)
    }
    if name == "unet-condition-class-table", let prompts = inputs["encoder_hidden_states"] {
      // One for all of its classes.
      inputs["encoder_hidden_states"] = NPYArray(
        shape: Array(prompts.shape.dropFirst()), Array(prompts.floats[..<(prompts.count / 2)]))
    }
    if name == "unet-condition-kernels" {
      // The model takes a picture beside the sample.
      inputs["image"] = NPYArray(shape: [5, 8, 12], (0..<480).map { Float($0 % 13) / 6 - 1 })
    }
    let schedule = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()).json")
    defer { try? FileManager.default.removeItem(at: schedule) }
    let size = name.hasPrefix("transformer-continuous") ? ", \"sample_shape\": \(Array(x.shape.dropFirst()))" : ""
    try Data("{\"process\": \"beta\", \"steps_offset\": 1\(size)}".utf8).write(to: schedule)
    let result = try Checkpoint.load(path: folder.path, scheduleFile: schedule.path, inputs: inputs)
    try result.requireInputs()
    return result
  }

  @Test(arguments: names) func convertsAndStaysNearTheFloatModel(_ name: String) throws {
    let checkpoint = try checkpoint(name)
    let (image, report) = try Converter(checkpoint: checkpoint, options: ConversionOptions(steps: 5, calibrationSamples: 32))
      .convert()
    let mean = report.validationSQNR.reduce(0, +) / Double(report.validationSQNR.count)
    print("\(name): SQNR \(mean) dB")
    #expect(mean > 24, "\(report.validationSQNR)")
    // The first step's answer to noise, against the graph as it was before any pass.
    let label = checkpoint.graph.classCount > 0 ? 1 : nil
    let first = try IntegerModel(image).sqnr(to: checkpoint.graph, step: 0, classLabel: label)
    #expect(first > 22)
  }
}
