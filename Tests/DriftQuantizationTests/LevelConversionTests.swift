import CDriftFormat
import DriftCalibration
import DriftEmission
import DriftGraph
import DriftQuantization
import Testing

/// Conversions whose operands have few levels.
@Suite struct LevelConversionTests {
  /// A small ReLU network with a residual sum.
  private func denoiser() throws -> RandomDenoiser {
    var d = RandomDenoiser(seed: 13)
    let x = try d.sample(Shape(channels: 1, height: 8, width: 8))
    let h = try d.append(.activation(.relu), try d.convolution(x, 16, name: "in"), name: "relu1")
    let g = try d.append(.activation(.relu), try d.convolution(h, 16, name: "middle"), name: "relu2")
    let sum = try d.append(.add, try d.convolution(g, 16, name: "last"), h, name: "sum")
    _ = try d.convolution(try d.append(.activation(.relu), sum, name: "relu3"), 1, name: "out")
    return d
  }

  private func convert(_ levels: Int, thresholds: Bool = false) throws -> (DriftImage, ConversionReport) {
    let options = ConversionOptions(
      steps: 6, calibrationSamples: 8, levels: levels, thresholdGuidance: thresholds)
    return try Converter(checkpoint: try denoiser().checkpoint(), options: options).convert()
  }

  @Test(arguments: [1, 3, 7, 15, 63, 127, 255]) func everyOperandHasTheLevelsAskedFor(_ levels: Int) throws {
    let (image, _) = try convert(levels)
    let operands = image.tensors.filter { $0.type == DRIFT_TYPE_INT8 }
    #expect(!operands.isEmpty)
    for tensor in operands { #expect(tensor.levels == levels) }
    _ = try image.encode()
  }

  @Test func moreLevelsComeNearer() throws {
    let means = try [1, 3, 7, 15, 63, 255].map { levels in
      try convert(levels).1.validationSQNR.reduce(0, +) / 6
    }
    #expect(zip(means, means.dropFirst()).allSatisfy { $0 < $1 }, "\(means)")
  }

  @Test func thresholdsAreKeptWhereTheyGainOnOtherNoise() throws {
    let (plain, _) = try convert(7)
    let (image, report) = try convert(7, thresholds: true)
    let thresholds = try #require(report.thresholds)
    #expect(thresholds.searchAfter >= thresholds.searchBefore)
    #expect(thresholds.isKept == (thresholds.otherAfter > thresholds.otherBefore))
    let isChanged = zip(plain.quantization.joined(), image.quantization.joined()).contains { $0.scale != $1.scale }
    #expect(isChanged == thresholds.isKept && thresholds.changed > 0)
    for (before, after) in zip(plain.quantization.joined(), image.quantization.joined()) {
      #expect(before.zero_point == after.zero_point)
    }
    // The same options give the same file.
    #expect(try convert(7, thresholds: true).0.encode() == image.encode())
  }
}
