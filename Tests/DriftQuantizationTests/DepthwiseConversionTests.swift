import CDriftFormat
import DriftEmission
import DriftGraph
import DriftQuantization
import Testing

/// Depthwise convolutions in every place, converted and run by the device's engine against the float reference.
@Suite struct DepthwiseConversionTests {
  private func convert(_ denoiser: RandomDenoiser) throws -> (DriftImage, ConversionReport) {
    let options = ConversionOptions(steps: 5, calibrationSamples: 64)
    return try Converter(checkpoint: denoiser.checkpoint(), options: options).convert()
  }

  private func count(_ image: DriftImage, _ opcode: drift_opcode) -> Int {
    image.operators.filter { $0.record.opcode == opcode.rawValue }.count
  }

  @Test func separableBlockWithTimeEmbeddingAndResidual() throws {
    var d = RandomDenoiser(seed: 21)
    let x = try d.sample(Shape(channels: 1, height: 8, width: 8))
    let h = try d.convolution(x, 18, name: "in")
    let n1 = try d.append(.activation(.silu), try d.normalization(h, groups: 3, name: "norm1"), name: "act1")
    let timed = try d.append(.add, try d.depthwise(n1, name: "depth1"), try d.timeVector(18, name: "time"), name: "temb")
    let n2 = try d.append(.activation(.silu), try d.normalization(timed, groups: 3, name: "norm2"), name: "act2")
    let sum = try d.append(.add, h, try d.convolution(n2, 18, kernel: 1, name: "point"), name: "sum")
    _ = try d.convolution(sum, 1, name: "out")
    let (image, report) = try convert(d)
    #expect(count(image, DRIFT_OP_DEPTHWISE) == 1)
    let layer = try #require(report.layers.first { $0.name == "depth1" })
    #expect(layer.shape == [18, 1, 3, 3])
    #expect(layer.multiplyAdds == 18 * 9 * 64)
    let operation = try #require(image.operators.first { $0.record.opcode == DRIFT_OP_DEPTHWISE.rawValue })
    #expect(operation.record.step_column >= 0)
    #expect((report.validationSQNR.min() ?? 0) > 35, "\(report.validationSQNR)")
  }

  /// Strided, scaled, behind a joined and an enlarged picture, as both summands of a sum, and read as an 8-bit operand at once.
  @Test func depthwiseConvolutionsWhereverAConvolutionMayBe() throws {
    var d = RandomDenoiser(seed: 22)
    let x = try d.sample(Shape(channels: 2, height: 8, width: 8))
    let h = try d.append(.activation(.relu), try d.convolution(x, 10, name: "in"), name: "act")
    let joined = try d.append(.concatenate, h, try d.convolution(x, 7, name: "in2"), name: "joined")
    let low = try d.append(.scale(0.6), try d.depthwise(joined, kernel: 5, stride: 2, name: "down"), name: "scaled")
    let up = try d.depthwise(try d.append(.upsampleNearest, low, name: "up"), name: "smooth")
    let sum = try d.append(.add, up, try d.depthwise(joined, kernel: 1, name: "gain"), name: "sum")
    let twice = try d.depthwise(try d.depthwise(sum, name: "first"), name: "second")
    let mixed = try d.append(.add, try d.convolution(twice, 17, kernel: 1, name: "point"), sum, name: "mixed")
    _ = try d.convolution(mixed, 2, name: "out")
    let (image, report) = try convert(d)
    #expect(count(image, DRIFT_OP_DEPTHWISE) == 5)
    // Those that one convolution reads give 8 bits at once.
    for operation in image.operators where operation.record.opcode == DRIFT_OP_DEPTHWISE.rawValue {
      let isOperand = image.tensors[Int(operation.record.output)].type == DRIFT_TYPE_INT8
      #expect(isOperand == ["first", "second"].contains(operation.name), "\(operation.name)")
    }
    // Six 8-bit operands, five of them in a row, of 33 to 37 dB each: their errors add up to 28 dB.
    #expect((report.validationSQNR.min() ?? 0) > 28, "\(report.validationSQNR)")
  }

  @Test func aDepthwiseAnswerGoesThroughAConvolutionThatChangesNothing() throws {
    var d = RandomDenoiser(seed: 23)
    let x = try d.sample(Shape(channels: 3, height: 6, width: 6))
    _ = try d.depthwise(try d.convolution(x, 3, name: "in"), name: "blocks.9.depth")
    let (image, report) = try convert(d)
    #expect(image.operators.contains { $0.name == "blocks.9.depth.answer" })
    #expect((report.validationSQNR.min() ?? 0) > 28, "\(report.validationSQNR)")
  }

  @Test func aTimeVectorOnAnActivationIsAddedToTheStoredValue() throws {
    var d = RandomDenoiser(seed: 24)
    let x = try d.sample(Shape(channels: 2, height: 6, width: 6))
    let act = try d.append(.activation(.silu), try d.convolution(x, 8, name: "in"), name: "act")
    let timed = try d.append(.add, act, try d.timeVector(8, name: "time"), name: "blocks.2.temb")
    _ = try d.convolution(timed, 2, name: "out")
    let (image, report) = try convert(d)
    let step = image.operators.first { $0.name == "blocks.2.temb" && $0.record.opcode == DRIFT_OP_ACTIVATE.rawValue }
    #expect((step?.record.step_column ?? -1) >= 0)
    #expect((report.validationSQNR.min() ?? 0) > 28, "\(report.validationSQNR)")
  }
}
