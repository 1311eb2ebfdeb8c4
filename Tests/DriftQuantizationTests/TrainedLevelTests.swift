import CDriftFormat
import DriftEmission
import DriftGraph
import DriftImport
import DriftQuantization
import DriftReference
import DriftSpiking
import Foundation
import Testing

/// Networks whose activations were trained with levels: SDM's before its conversion to spikes.
@Suite struct TrainedLevelTests {
  private func checkpoint(_ name: String, bits: Int) throws -> Checkpoint {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("DriftImportTests/Fixtures/archives")
    return try Checkpoint.load(
      path: folder.appendingPathComponent("\(name).pt").path,
      architecture: ArchitectureOptions(sampleShape: [8, 8], settings: ["bits=\(bits)"]))
  }

  @Test(arguments: [("sdm-ann", 2), ("sdm-ann", 3), ("sdm-ann", 8), ("sdm-converted", 2)])
  func `trained levels are the file's, whatever calibration sees`(_ name: String, bits: Int) throws {
    let source = try checkpoint(name, bits: bits)
    let options = ConversionOptions(steps: 3, calibrationSamples: 16, levels: 100)
    let (image, report) = try Converter(checkpoint: source, options: options).convert()
    let mean = report.validationSQNR.reduce(0, +) / Double(report.validationSQNR.count)
    let bound = try source.sqnrOfRoundedWeights()
    print("\(name), \(bits) bits: SQNR \(mean) dB; float, rounded weights \(bound) dB")
    // A value near the middle between two levels may round otherwise: the fewer levels, the more that costs.
    #expect(mean > bound - 8)
    let activations = source.graph.nodes.filter { if case .quantizedActivation = $0.operation { true } else { false } }
    var found = 0
    for node in activations {
      guard case .quantizedActivation(let range, let levels) = node.operation else { continue }
      for (index, tensor) in image.tensors.enumerated() where tensor.name == node.name && tensor.type == DRIFT_TYPE_INT8 {
        found += 1
        #expect(tensor.levels == levels)
        for row in image.quantization {
          #expect(row[index].scale == range / Float(levels))
          #expect(row[index].zero_point == -128)
        }
      }
    }
    // Those of the time embedding are known for every step.
    #expect(found > activations.count / 2)
    // The same as events.
    let spiking = try IntegerModel(try image.spiking()).generate(.init(seed: 3)).picture
    #expect(spiking.map(\.bitPattern) == (try IntegerModel(image).generate(.init(seed: 3)).picture.map(\.bitPattern)))
  }

  @Test func `integers have the values of the float network where nothing else is rounded`() throws {
    // A copy of the sample, clipped and rounded to 3 levels of 0.5, and a copy of that.
    var d = RandomDenoiser(seed: 1)
    let x = try d.sample(Shape(channels: 1, height: 4, width: 4))
    let h = try d.convolution(x, 1, kernel: 1, name: "in")
    let levels = try d.append(.quantizedActivation(range: 1.5, levels: 3), h, name: "levels")
    _ = try d.convolution(levels, 1, kernel: 1, name: "out")
    for name in ["in", "out"] {
      for key in d.graph.parameters.keys where key.hasPrefix("\(name).") {
        guard let parameter = d.graph.parameters[key] else { continue }
        d.graph.parameters[key] = Parameter(shape: parameter.shape, values: [key.contains("weight") ? 1 : 0])
      }
    }
    let source = d.checkpoint()
    let (image, _) = try Converter(checkpoint: source, options: ConversionOptions(steps: 2, calibrationSamples: 8)).convert()
    let model = try IntegerModel(image)
    let values: [Float] = [-3, -0.3, 0, 0.2, 0.24, 0.26, 0.5, 0.7, 0.74, 0.76, 1, 1.2, 1.26, 1.5, 1.7, 2.9]
    var answer = values
    try values.withUnsafeBufferPointer { x in
      try answer.withUnsafeMutableBufferPointer { try model.session.evaluate(x, step: 0, classLabel: -1, into: $0) }
    }
    let expected: [Float] = [0, 0, 0, 0, 0, 0.5, 0.5, 0.5, 0.5, 1, 1, 1, 1.5, 1.5, 1.5, 1.5]
    #expect(zip(answer, expected).allSatisfy { abs($0 - $1) < 1e-3 }, "\(answer)")
  }
}
