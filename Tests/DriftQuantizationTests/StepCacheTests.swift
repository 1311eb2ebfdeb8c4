import DriftCalibration
import DriftFormat
import DriftGraph
import DriftImport
import DriftQuantization
import Foundation
import Testing

/// Caching deep features from step to step.
@Suite struct StepCacheTests {
  /// Two levels with a skip connection on each, times and classes in the last block.
  private func network(seed: UInt64 = 20, classes: Int = 0) throws -> RandomDenoiser {
    var d = RandomDenoiser(seed: seed, classes: classes)
    let x = try d.sample(Shape(channels: 1, height: 8, width: 8))
    let first = try d.convolution(x, 8, name: "in")
    let low = try d.convolution(first, 16, stride: 2, name: "down")
    let middle = try d.append(.activation(.silu), try d.normalization(low, name: "norm.low"), name: "act.low")
    let deep = try d.append(.add, low, try d.convolution(middle, 16, name: "middle"), name: "deep")
    let up = try d.convolution(try d.append(.upsampleNearest, deep, name: "enlarge"), 8, name: "up")
    let joined = try d.append(.concatenate, up, first, name: "joined")
    let act = try d.append(.activation(.silu), try d.normalization(joined, name: "norm"), name: "act")
    let block = try d.append(.add, try d.convolution(act, 8, name: "block"), try d.timeVector(8, name: "time"), name: "temb")
    _ = try d.convolution(block, 1, name: "out")
    return d
  }

  private func convert(
    _ denoiser: RandomDenoiser, _ choice: StepCacheChoice, nullClass: Int? = nil, steps: Int = 6
  ) throws -> (image: DriftImageFacts, report: ConversionReport) {
    let options = ConversionOptions(steps: steps, calibrationSamples: 8, stepCache: choice)
    let (image, report) = try Converter(checkpoint: denoiser.checkpoint(nullClass: nullClass), options: options).convert()
    return (
      DriftImageFacts(
        bytes: try image.encode(), programs: image.programs.map(\.operators.count),
        stepPrograms: image.steps.map { Int($0.program) },
        constants: image.constants.count, kept: image.tensors.filter { $0.flags & DRIFT_TENSOR_KEPT.rawValue != 0 }.map(\.name),
        keptBytes: image.model.kept_bytes), report
    )
  }

  struct DriftImageFacts {
    var bytes: [UInt8]
    var programs: [Int]
    var stepPrograms: [Int]
    var constants: Int
    var kept: [String]
    var keptBytes: UInt64
  }

  @Test func theShallowProgramIsWhatTheKeptTensorLeaves() throws {
    let (plain, _) = try convert(try network(), .none)
    let (cached, report) = try convert(try network(), .interval(3))
    #expect(plain.programs.count == 1 && plain.keptBytes == 0)
    // Quantize and "in", the normalization, "block", quantize and "out".
    #expect(cached.programs == [plain.programs[0], 6])
    #expect(cached.stepPrograms == [0, 1, 1, 0, 1, 1])
    #expect(cached.constants == plain.constants)
    #expect(cached.kept == ["up"])
    let cache = try #require(report.stepCache)
    #expect(cache.cut == "up")
    #expect(cache.shape == [8, 8, 8])
    #expect(cache.fullSteps == [0, 3])
    // "in" and "out" read 16 bits: 2 * 72 each, "block" 16 * 8 * 9, on 64 pixels.
    #expect(cache.shallowMultiplyAdds == 64 * (2 * 72 + 2 * 72 + 16 * 8 * 9))
    #expect(cache.fullMultiplyAdds == cache.shallowMultiplyAdds + 16 * (8 * 16 * 9 + 16 * 16 * 9) + 64 * 16 * 8 * 9)
    #expect(cache.multiplyAddsPerStep == Double(cache.fullMultiplyAdds + 2 * cache.shallowMultiplyAdds) / 3)
  }

  /// Everything but the last convolution of a program of one path can come from the step before: but then the answer does not see the sample.
  @Test func aNetworkWithoutAWayAroundItsDeepPartIsRefused() throws {
    var d = RandomDenoiser(seed: 21)
    let x = try d.sample(Shape(channels: 1, height: 8, width: 8))
    _ = try d.convolution(try d.convolution(try d.convolution(x, 8, name: "in"), 8, name: "middle"), 1, name: "out")
    for choice in [StepCacheChoice.interval(2), .automatic(bound: 20)] {
      #expect(throws: StepCacheError.noCut) { try convert(d, choice) }
    }
    #expect(StepCacheError.noCut.description.contains("without --step-cache"))
  }

  @Test(arguments: [-1, 0, 1, 7]) func intervalsThatTheSamplerCannotHaveAreRefused(_ interval: Int) throws {
    #expect(throws: StepCacheError.interval(interval, steps: 6)) { try convert(try network(), .interval(interval)) }
    #expect(StepCacheError.interval(interval, steps: 6).description.hasPrefix("--step-cache \(interval): "))
  }

  @Test func automaticTakesTheLeastWorkThatReachesItsBound() throws {
    let (image, report) = try convert(try network(classes: 3), .automatic(bound: 25), nullClass: 2, steps: 12)
    let cache = try #require(report.stepCache)
    #expect(cache.boundDb == 25)
    #expect(image.stepPrograms.first == 0)
    #expect(image.stepPrograms.indices.filter { image.stepPrograms[$0] == 0 } == cache.fullSteps)
    let chosen = try #require(cache.trials.last { $0.multiplyAddsPerStep == cache.multiplyAddsPerStep && $0.psnrDb >= 25 })
    #expect(chosen.cut == cache.cut && chosen.fullSteps == cache.fullSteps.count)
    #expect(cache.trials.allSatisfy { $0.psnrDb < 25 || $0.multiplyAddsPerStep >= cache.multiplyAddsPerStep })
    #expect(cache.trials.contains { $0.psnrDb < 25 })
    #expect(cache.multiplyAddsPerStep < Double(cache.fullMultiplyAdds))
  }

  @Test func aBoundThatNoCacheReachesIsRefusedWithTheBestOne() throws {
    #expect {
      try convert(try network(), .automatic(bound: 99))
    } throws: { error in
      guard case .bound(99, let best)? = error as? StepCacheError else { return false }
      return best > 20 && best < 99
    }
  }

  @Test func theSameOptionsGiveTheSameFile() throws {
    let choice = StepCacheChoice.automatic(bound: 25)
    #expect(try convert(try network(), choice).image.bytes == convert(try network(), choice).image.bytes)
  }

  /// Every shape of diffusers' U-Nets has a cut. What a step answers with kept tensors of the step before is near the float answer: the network
  /// of a random fixture changes fast, so this bound is low.
  @Test(arguments: DiffusersFixtureTests.names.filter { $0 != "fourier-classes" })
  func everyFixtureCanBeCached(_ name: String) throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    var checkpoint = try Checkpoint.load(path: folder.appendingPathComponent("DriftImportTests/Fixtures/unet/\(name)").path)
    checkpoint.schedule.stepsOffset = 1
    let options = ConversionOptions(steps: 20, calibrationSamples: 4, stepCache: .interval(2))
    let (image, report) = try Converter(checkpoint: checkpoint, options: options).convert()
    let cache = try #require(report.stepCache)
    #expect(cache.fullSteps == Array(stride(from: 0, to: 20, by: 2)))
    #expect(cache.shallowMultiplyAdds * 4 <= cache.fullMultiplyAdds * 3)
    #expect(image.programs.count == 2)
    #expect(image.model.kept_bytes > 0)
    let shallow = stride(from: 1, to: 20, by: 2).map { report.validationSQNR[$0] }
    #expect(shallow.reduce(0, +) / Double(shallow.count) > 15, "\(report.validationSQNR)")
  }
}
