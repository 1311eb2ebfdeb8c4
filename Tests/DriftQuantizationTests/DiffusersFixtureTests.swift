import DriftGraph
import DriftImport
import DriftQuantization
import Foundation
import Testing

/// Every option of `UNet2DModel`, as diffusers itself wrote it, through the whole conversion.
@Suite struct DiffusersFixtureTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("DriftImportTests/Fixtures/unet")

  static let names: [String] = ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).sorted()

  @Test func thereAreFixtures() {
    #expect(Self.names.count >= 20)
  }

  /// Takes the logarithm of the class label, so class 0 has no value: refused, as diffusers gives "not a number".
  private static let undefined = "fourier-classes"

  @Test func aClassWithoutAValueIsRefusedByNode() throws {
    var checkpoint = try Checkpoint.load(path: Self.folder.appendingPathComponent(Self.undefined).path)
    checkpoint.schedule.stepsOffset = 1
    #expect {
      try Converter(checkpoint: checkpoint, options: ConversionOptions(steps: 2, calibrationSamples: 2)).convert()
    } throws: {
      "\($0)".contains("'class_proj'")
    }
  }

  @Test(arguments: names.filter { $0 != undefined }) func convertsAndStaysNearTheFloatModel(_ name: String) throws {
    var checkpoint = try Checkpoint.load(path: Self.folder.appendingPathComponent(name).path)
    // Models that divide by the timestep are not defined at 0.
    checkpoint.schedule.stepsOffset = 1
    let options = ConversionOptions(steps: 5, calibrationSamples: 48)
    let (image, report) = try Converter(checkpoint: checkpoint, options: options).convert()
    let mean = report.validationSQNR.reduce(0, +) / Double(report.validationSQNR.count)
    #expect(mean > 30, "\(report.validationSQNR)")
    #expect(Double(image.model.arena_bytes) <= 1.25 * Double(image.model.arena_lower_bound) + 4096)
  }
}
