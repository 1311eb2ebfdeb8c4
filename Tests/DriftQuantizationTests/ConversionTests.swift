import CDriftFormat
import DriftCalibration
import DriftGraph
import DriftQuantization
import Testing

/// Each construct alone, converted and run by the device's engine against the float reference on states that calibration did not see.
@Suite struct ConversionTests {
  private func worstSQNR(_ denoiser: RandomDenoiser, nullClass: Int? = nil, steps: Int = 5) throws -> Double {
    let options = ConversionOptions(steps: steps, calibrationSamples: 64)
    let (_, report) = try Converter(checkpoint: denoiser.checkpoint(nullClass: nullClass), options: options).convert()
    #expect(report.validationSQNR.count == steps)
    return report.validationSQNR.min() ?? 0
  }

  @Test func twoConvolutionsWithoutAnythingBetween() throws {
    var d = RandomDenoiser(seed: 1)
    let x = try d.sample(Shape(channels: 3, height: 9, width: 7))
    _ = try d.convolution(try d.convolution(x, 20, name: "a"), 3, name: "b")
    let sqnr = try worstSQNR(d)
    #expect(sqnr > 40)
  }

  @Test(arguments: [Activation.relu, .silu, .gelu, .mish])
  func residualBlockWithTimeEmbedding(_ activation: Activation) throws {
    var d = RandomDenoiser(seed: 2)
    let x = try d.sample(Shape(channels: 1, height: 8, width: 8))
    let h = try d.convolution(x, 16, name: "in")
    let n1 = try d.append(.activation(activation), try d.normalization(h, name: "norm1"), name: "act1")
    let c1 = try d.append(.add, try d.convolution(n1, 16, name: "conv1"), try d.timeVector(16, name: "time"), name: "temb")
    let n2 = try d.append(.activation(activation), try d.normalization(c1, name: "norm2"), name: "act2")
    let sum = try d.append(.add, h, try d.convolution(n2, 16, name: "conv2"), name: "sum")
    let scaled = try d.append(.scale(0.7071), sum, name: "scaled")
    _ = try d.convolution(scaled, 1, name: "out")
    let sqnr = try worstSQNR(d)
    #expect(sqnr > 35)
  }

  @Test func scaleShiftModulationAndClasses() throws {
    var d = RandomDenoiser(seed: 3, classes: 3)
    let x = try d.sample(Shape(channels: 2, height: 6, width: 6))
    let h = try d.convolution(x, 12, name: "in")
    let n = try d.normalization(h, name: "norm")
    let m = try d.append(.modulate, n, try d.timeVector(24, name: "time"), name: "modulated")
    let a = try d.append(.activation(.silu), m, name: "act")
    _ = try d.convolution(a, 2, name: "out")
    let sqnr = try worstSQNR(d, nullClass: 2)
    #expect(sqnr > 35)
  }

  @Test func skipConnectionIsSplitAndNormalizedAcrossItsParts() throws {
    var d = RandomDenoiser(seed: 4)
    let x = try d.sample(Shape(channels: 1, height: 8, width: 8))
    let skip = try d.convolution(x, 12, name: "in")
    let deep = try d.convolution(try d.append(.activation(.silu), skip, name: "act"), 20, name: "deep")
    let joined = try d.append(.concatenate, deep, skip, name: "joined")
    let n = try d.append(.activation(.silu), try d.normalization(joined, name: "norm"), name: "act1")
    let c = try d.convolution(n, 16, name: "conv")
    let sum = try d.append(.add, try d.convolution(joined, 16, kernel: 1, name: "shortcut"), c, name: "sum")
    _ = try d.convolution(sum, 1, name: "out")
    let sqnr = try worstSQNR(d)
    #expect(sqnr > 35)
  }

  @Test func attentionOverPixels() throws {
    var d = RandomDenoiser(seed: 5)
    let x = try d.sample(Shape(channels: 1, height: 6, width: 6))
    let h = try d.convolution(x, 32, name: "in")
    let n = try d.normalization(h, name: "norm")
    let q = try d.convolution(n, 32, kernel: 1, name: "q")
    let k = try d.convolution(n, 32, kernel: 1, name: "k")
    let v = try d.convolution(n, 32, kernel: 1, name: "v")
    let a = try d.append(.attention(heads: 2, factor: 0.25), q, k, v, name: "attention")
    let sum = try d.append(.add, try d.convolution(a, 32, kernel: 1, name: "to_out"), h, name: "sum")
    _ = try d.convolution(sum, 1, name: "out")
    let sqnr = try worstSQNR(d)
    #expect(sqnr > 33)
  }

  @Test func samplingUpAndDownInEveryForm() throws {
    var d = RandomDenoiser(seed: 6)
    let x = try d.sample(Shape(channels: 3, height: 8, width: 8))
    let h = try d.convolution(x, 16, name: "in")
    let strided = try d.convolution(h, 16, stride: 2, name: "down")
    let pooled = try d.append(.averagePool, h, name: "pool")
    let low = try d.append(.add, strided, pooled, name: "low")
    let fused = try d.convolution(try d.append(.upsampleNearest, low, name: "up"), 16, name: "fused")
    let copied = try d.append(.upsampleNearest, low, name: "copied")
    let sum = try d.append(.add, copied, fused, name: "sum")
    let act = try d.append(.activation(.relu), sum, name: "act")
    let pooledAct = try d.append(.averagePool, act, name: "pooledAct")
    let back = try d.append(.upsampleNearest, pooledAct, name: "back")
    _ = try d.convolution(try d.convolution(back, 8, name: "wide"), 3, name: "out")
    let sqnr = try worstSQNR(d)
    #expect(sqnr > 33)
  }

  @Test func aKnownPictureBesideTheSampleIsConvolvedOnce() throws {
    var d = RandomDenoiser(seed: 31, classes: 2)
    let x = try d.sample(Shape(channels: 2, height: 6, width: 6))
    let shape = Shape(channels: 3, height: 6, width: 6)
    let picture = try d.graph.append(.input("picture"), name: "picture", shape: shape)
    let h = try d.convolution(try d.append(.concatenate, x, picture, name: "joined"), 12, name: "in")
    _ = try d.convolution(try d.append(.activation(.silu), try d.normalization(h, name: "norm"), name: "act"), 2, name: "out")
    let pictures = (0..<2).map { _ in (0..<shape.count).map { _ in d.next() } }
    d.graph = try d.graph.binding("picture", to: pictures)
    let (image, report) = try Converter(
      checkpoint: d.checkpoint(nullClass: 1), options: ConversionOptions(steps: 4, calibrationSamples: 32)
    ).convert()
    #expect((report.validationSQNR.min() ?? 0) > 35)
    // What the picture's part of the convolution gives is stored for each class; only the sample's part and the answer are computed.
    let opcodes = image.operators.map(\.record.opcode)
    #expect(opcodes.count { $0 == DRIFT_OP_CONVOLUTION.rawValue } == 2)
    #expect(opcodes.count { $0 == DRIFT_OP_LOAD.rawValue } == 1)
  }

  /// Stored tensors change with the step although nothing reads the step table.
  @Test func aPictureOfTheTimestepIsThatOfEachStep() throws {
    var d = RandomDenoiser(seed: 32)
    let x = try d.sample(Shape(channels: 2, height: 4, width: 4))
    let time = try d.append(.broadcast(height: 4, width: 4), try d.timeVector(8, name: "time"), name: "broadcast")
    _ = try d.convolution(try d.append(.add, try d.convolution(x, 8, name: "in"), time, name: "sum"), 2, name: "out")
    let (image, report) = try Converter(
      checkpoint: d.checkpoint(), options: ConversionOptions(steps: 6, calibrationSamples: 32)
    ).convert()
    #expect(image.model.step_columns == 0)
    #expect((report.validationSQNR.min() ?? 0) > 40)
  }

  @Test(arguments: [2, 3]) func bilinearEnlargementByAWholeFactor(_ factor: Int) throws {
    var d = RandomDenoiser(seed: 33)
    let x = try d.sample(Shape(channels: 2, height: 6, width: 12))
    let h = try d.convolution(x, 12, stride: factor, name: "down")
    let resize = Resize(.bilinear, height: factor * d.graph[h].shape.height, width: factor * d.graph[h].shape.width)
    _ = try d.convolution(try d.append(.resize(resize), h, name: "up"), 2, name: "out")
    let original = d.checkpoint()
    let (image, _) = try Converter(checkpoint: original, options: ConversionOptions(steps: 3, calibrationSamples: 32)).convert()
    let sqnr = try IntegerModel(image).sqnr(to: original.graph, step: 1)
    #expect(sqnr > 38)
  }

  @Test(arguments: [(kernel: 4, stride: 2), (kernel: 3, stride: 3), (kernel: 5, stride: 2)])
  func transposedConvolutionOfASignal(_ layer: (kernel: Int, stride: Int)) throws {
    var d = RandomDenoiser(seed: 34)
    let x = try d.sample(Shape(channels: 2, width: 12))
    let h = try d.convolution(x, 8, kernel: 1, stride: 1, name: "in")
    let weight = d.parameter("up.weight", [8, 6, 1, layer.kernel], scale: 0.5)
    let bias = d.parameter("up.bias", [6], scale: 0.5)
    let wide = try d.append(
      .transposedConvolution(
        TransposedConvolution(
          weight: weight, bias: bias, kernelHeight: 1, kernelWidth: layer.kernel, stride: layer.stride, padTop: 0, padLeft: 1,
          height: 1, width: 12 * layer.stride - 1)), h, name: "up")
    let cut = try d.append(.crop(top: 0, left: 3, height: 1, width: 12), wide, name: "cut")
    _ = try d.convolution(cut, 2, kernel: 1, name: "out")
    let original = d.checkpoint()
    let (image, _) = try Converter(checkpoint: original, options: ConversionOptions(steps: 3, calibrationSamples: 32)).convert()
    let sqnr = try IntegerModel(image).sqnr(to: original.graph, step: 1)
    #expect(sqnr > 38)
  }

  /// Normalized queries, and keys in two parts one behind the other.
  @Test func attentionOfWhatNoConvolutionGives() throws {
    var d = RandomDenoiser(seed: 35)
    let x = try d.sample(Shape(channels: 2, width: 9))
    let h = try d.convolution(x, 16, kernel: 1, name: "in")
    let q = try d.append(
      .rootMeanSquareNormalization(epsilon: 1e-5, gamma: nil), try d.convolution(h, 16, kernel: 1, name: "q"), name: "q.norm")
    let (k1, k2) = (try d.convolution(h, 16, kernel: 1, name: "k1"), try d.convolution(h, 16, kernel: 1, name: "k2"))
    let k = try d.append(.concatenatePixels, k1, k2, name: "keys")
    let v = try d.append(.concatenatePixels, k2, k1, name: "values")
    let mixed = try d.append(.attention(heads: 2, factor: 0.35), q, k, v, name: "attention")
    _ = try d.convolution(try d.append(.add, try d.convolution(mixed, 16, kernel: 1, name: "o"), h, name: "sum"), 2, name: "out")
    let sqnr = try worstSQNR(d)
    #expect(sqnr > 33)
  }

  @Test func theSameOptionsGiveTheSameFile() throws {
    var d = RandomDenoiser(seed: 7)
    let x = try d.sample(Shape(channels: 1, height: 8, width: 8))
    let h = try d.convolution(x, 8, name: "in")
    _ = try d.convolution(try d.append(.activation(.silu), try d.normalization(h, name: "norm"), name: "act"), 1, name: "out")
    let converter = Converter(checkpoint: d.checkpoint(), options: ConversionOptions(steps: 4, calibrationSamples: 6))
    #expect(try converter.convert().0.encode() == converter.convert().0.encode())
  }

  @Test func anOperationWithoutIntegerFormIsRefusedByName() throws {
    var d = RandomDenoiser(seed: 8)
    let x = try d.sample(Shape(channels: 4, height: 4, width: 4))
    let h = try d.convolution(x, 4, name: "in")
    let resized = try d.append(.resize(Resize(.bilinear, height: 5, width: 5)), h, name: "blocks.3.resize")
    _ = try d.convolution(try d.append(.crop(top: 0, left: 0, height: 4, width: 4), resized, name: "crop"), 4, name: "out")
    #expect {
      try Converter(checkpoint: d.checkpoint(), options: ConversionOptions(steps: 2, calibrationSamples: 2)).convert()
    } throws: {
      "\($0)".contains("blocks.3.resize")
    }
  }

  @Test func spikingNetworksAndActivationsOfTooManyLevelsAreRefusedByName() throws {
    for (operation, reason) in [
      (Operation.spiking(.repeated(steps: 4)), "spiking neurons"),
      (.quantizedActivation(range: 2, levels: 511), "511 levels"),
    ] {
      var d = RandomDenoiser(seed: 9)
      let h = try d.convolution(try d.sample(Shape(channels: 1, height: 4, width: 4)), 4, name: "in")
      _ = try d.convolution(try d.append(operation, h, name: "blocks.2.special"), 1, name: "out")
      #expect {
        try Converter(checkpoint: d.checkpoint(), options: ConversionOptions(steps: 2, calibrationSamples: 2)).convert()
      } throws: {
        "\($0)".contains("blocks.2.special") && "\($0)".contains(reason)
      }
    }
  }

  @Test func aNegativeFactorIsRefusedByName() throws {
    var d = RandomDenoiser(seed: 10)
    let x = try d.sample(Shape(channels: 1, height: 4, width: 4))
    let h = try d.convolution(x, 4, name: "in")
    _ = try d.convolution(try d.append(.scale(-2), h, name: "blocks.1.scale"), 1, name: "out")
    #expect {
      try Converter(checkpoint: d.checkpoint(), options: ConversionOptions(steps: 2, calibrationSamples: 2)).convert()
    } throws: {
      "\($0)".contains("blocks.1.scale") && "\($0)".contains("-2.0")
    }
  }

  @Test func anEpsilonThatAFileCannotHoldIsRefusedByName() throws {
    var d = RandomDenoiser(seed: 11)
    let x = try d.sample(Shape(channels: 1, height: 4, width: 4))
    let h = try d.convolution(x, 4, name: "in")
    let gamma = d.parameter("gamma", [4], scale: 0.3, offset: 1)
    let beta = d.parameter("beta", [4], scale: 0.3)
    let operation = Operation.groupNormalization(groups: 2, epsilon: 0, gamma: gamma, beta: beta)
    _ = try d.convolution(try d.append(operation, h, name: "blocks.2.norm"), 1, name: "out")
    #expect {
      try Converter(checkpoint: d.checkpoint(), options: ConversionOptions(steps: 2, calibrationSamples: 2)).convert()
    } throws: {
      "\($0)".contains("blocks.2.norm") && "\($0)".contains("epsilon")
    }
  }

  /// Weights that decayed to almost nothing keep scales that a file can hold, behind a factor below 1 too.
  @Test func vanishingWeightsConvert() throws {
    var d = RandomDenoiser(seed: 12)
    let x = try d.sample(Shape(channels: 1, height: 4, width: 4))
    let h = try d.convolution(x, 4, name: "in")
    d.graph.parameters["in.weight"]?.values = [Float](repeating: 1e-13, count: 4 * 9)
    _ = try d.convolution(try d.append(.scale(0.5), h, name: "half"), 1, name: "out")
    _ = try Converter(checkpoint: d.checkpoint(), options: ConversionOptions(steps: 2, calibrationSamples: 2)).convert()
  }

  @Test func aModelThatOverflowsIsRefusedByNodeAndTimestep() throws {
    var d = RandomDenoiser(seed: 9)
    let x = try d.sample(Shape(channels: 1, height: 4, width: 4))
    let h = try d.convolution(x, 4, name: "in")
    d.graph.parameters["in.bias"]?.values[2] = 3e38
    _ = try d.convolution(try d.append(.scale(1e30), h, name: "hot"), 1, name: "out")
    #expect {
      try Converter(checkpoint: d.checkpoint(), options: ConversionOptions(steps: 2, calibrationSamples: 2)).convert()
    } throws: {
      "\($0)".contains("'hot' has values that are not finite at timestep 500")
    }
  }
}
