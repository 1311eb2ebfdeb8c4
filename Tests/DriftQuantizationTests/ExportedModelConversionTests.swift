import DriftGraph
import DriftImport
import DriftQuantization
import Foundation
import Testing

/// Bundled ONNX models, converted and run by the device's engine against the float reference on noise that calibration did not see.
@Suite struct ExportedModelConversionTests {
  private static let models = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("models")

  @Test(arguments: [("digits-relu", 35.0), ("pulfer-ddpm-fashion", 20.0), ("sofia-mnist-vit", 30.0)])
  func `noise predictions agree with the float reference`(_ model: String, _ decibels: Double) throws {
    let checkpoint = try Checkpoint.load(path: Self.models.appendingPathComponent(model).path)
    let options = ConversionOptions(steps: 10, calibrationSamples: 16)
    let (_, report) = try Converter(checkpoint: checkpoint, options: options).convert()
    let mean = report.validationSQNR.reduce(0, +) / Double(report.validationSQNR.count)
    print("\(model): mean of the steps \(mean) dB")
    #expect(report.validationSQNR.count == 10)
    #expect(mean > decibels)
  }
}
