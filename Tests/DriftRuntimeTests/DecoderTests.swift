import CDriftFormat
import DriftFormat
import DriftRuntime
import Testing

/// The program that makes the picture of the last state.
struct DecoderTests {
  /// A denoiser of a 2 x 5 x 5 sample and a decoder that makes 3 x 15 x 15 of it.
  private func builder(classes: Int = 0, nullClass: Int? = nil) -> ProgramBuilder {
    var b = ProgramBuilder.denoiser(size: 5, classes: classes, nullClass: nullClass, seed: 31_000).finished()
    b.addDecoder(channels: 6, factor: 3)
    return b
  }

  @Test(arguments: 1...4)
  func thePictureIsTheDecodersOfTheLastState(threads: Int) throws {
    let model = try TestModel(builder(), threads: threads)
    #expect(model.file.model.decoder_program == 1)
    for kernels in TestModel.kernelSets {
      var session = try model.session(kernels)
      #expect(session.sampleCount == 50)
      #expect(session.pictureCount == 675)
      var picture = [Float](repeating: .nan, count: session.pictureCount)
      try picture.withUnsafeMutableBufferPointer { try session.generate(Request(seed: 4), into: $0) }
      var state = [Float](repeating: .nan, count: session.sampleCount)
      try state.withUnsafeMutableBufferPointer { try session.copyState(into: $0) }
      let decoded = PlainInterpreter.decode(model.image, state: model.interleaved(state), classLabel: 0)
      let expected = (0..<675).map { decoded[$0 % 225 * 3 + $0 / 225] }
      #expect(bits(picture) == bits(expected), "\(kernels.kind)")
      #expect(Set(bits(picture)).count > 100)
    }
  }

  /// What a decoder stores for each class is the request's, whatever the null class was evaluated for.
  @Test func theDecoderKnowsTheClass() throws {
    var b = ProgramBuilder.denoiser(size: 5, classes: 3, nullClass: 2, seed: 31_500).finished()
    b.addDecoder(channels: 6, factor: 2) { b, x in
      b.add(x, b.load(DRIFT_TYPE_INT16, size: (5, 5), channels: 6, rows: 3, mode: DRIFT_LOAD_CLASS))
    }
    let model = try TestModel(b)
    var session = try model.session()
    for label in 0..<3 {
      var picture = [Float](repeating: .nan, count: session.pictureCount)
      try picture.withUnsafeMutableBufferPointer {
        try session.generate(Request(seed: 4, classLabel: Int32(label), guidance: 3), into: $0)
      }
      var state = [Float](repeating: .nan, count: session.sampleCount)
      try state.withUnsafeMutableBufferPointer { try session.copyState(into: $0) }
      let decoded = PlainInterpreter.decode(model.image, state: model.interleaved(state), classLabel: label)
      #expect(bits(picture) == bits((0..<300).map { decoded[$0 % 100 * 3 + $0 / 100] }), "class \(label)")
    }
  }

  @Test func aPictureCanBeCopiedAfterSingleStepsAndAgain() throws {
    let model = try TestModel(builder())
    var session = try model.session()
    var whole = [Float](repeating: .nan, count: session.pictureCount)
    try whole.withUnsafeMutableBufferPointer { try session.generate(Request(seed: 8), into: $0) }
    try session.start(Request(seed: 8))
    for step in 0..<session.stepCount { try session.step(step) }
    for _ in 0..<2 {
      var picture = [Float](repeating: .nan, count: session.pictureCount)
      try picture.withUnsafeMutableBufferPointer { try session.copyPicture(into: $0) }
      #expect(bits(picture) == bits(whole))
    }
  }

  @Test func aBufferOfTheSamplesSizeIsRefused() throws {
    let model = try TestModel(builder())
    var session = try model.session()
    var small = [Float](repeating: 7, count: session.pictureCount - 1)
    let error = #expect(throws: DriftError.self) {
      try small.withUnsafeMutableBufferPointer { try session.generate(Request(seed: 1), into: $0) }
    }
    #expect(error == DriftError(.outputTooSmall, expected: 675, found: 674))
    #expect(small.allSatisfy { $0 == 7 })
  }

  /// Evaluations answer in the sample's shape, and starting noise has it.
  @Test func evaluationsAndNoiseKeepTheSamplesShape() throws {
    let model = try TestModel(builder())
    let x = (0..<50).map { Float($0 % 7) - 3 }
    let answer = try model.evaluate(x, step: 1, kernels: .best)
    #expect(bits(answer) == bits(model.expected(x, step: 1)))
    var session = try model.session()
    var picture = [Float](repeating: .nan, count: session.pictureCount)
    try x.withUnsafeBufferPointer { noise in
      try picture.withUnsafeMutableBufferPointer {
        try session.generate(Request(seed: 1, noise: noise.baseAddress), into: $0)
      }
    }
    #expect(picture.allSatisfy { $0.isFinite })
  }

  @Test func withoutADecoderThePictureIsTheSample() throws {
    let model = try TestModel(ProgramBuilder.denoiser().finished())
    let session = try model.session()
    #expect(session.pictureCount == session.sampleCount)
    #expect(model.file.model.decoder_program == -1)
  }
}
