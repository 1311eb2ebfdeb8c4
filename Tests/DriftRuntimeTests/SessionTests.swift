import CDriftFormat
import DriftFormat
import DriftRuntime
import Testing

/// The sampler around the denoiser, against a plain loop over the plain interpreter.
struct SessionTests {
  /// docs/arithmetic.md, "The sampler", value by value; no history, no conditioning.
  func sampled(_ model: TestModel, _ request: Request, noise: [Float]? = nil) -> [Float] {
    let image = model.image
    let count = model.sampleCount
    var x = (noise ?? normal(count, request, stream: 0)).map { image.model.initial_scale * $0 }
    // The last answers for null class and class.
    var (n, c): ([Float], [Float]) = ([], [])
    for (i, step) in image.steps.enumerated() {
      let state = model.interleaved(x)
      let null = Int(image.model.null_class)
      let label = request.classLabel == -1 ? max(null, 0) : Int(request.classLabel)
      let w = step.guidance == 0 ? 1 : request.guidance
      var e = model.planar(PlainInterpreter.evaluate(image, state: state, step: i, classLabel: label))
      if w != 1 {
        if step.null_source == 0 {
          n = model.planar(PlainInterpreter.evaluate(image, state: state, step: i, classLabel: null))
        } else {
          for k in 0..<count {
            let last = step.estimate.0 * n[k] + step.estimate.1 * c[k]
            n[k] = last + step.estimate.2 * e[k]
          }
        }
        c = e
        e = zip(n, e).map { $0 + w * ($1 - $0) }
      }
      let clips = step.flags & DRIFT_STEP_CLIP.rawValue != 0
      let clipped = image.model.flags & DRIFT_MODEL_ALWAYS_CLIPPED_EPSILON.rawValue != 0 || (request.guidance != 1 && clips)
      let z = normal(count, request, stream: UInt32(i + 1))
      for k in 0..<count {
        var x0 = step.p * x[k] + step.q * e[k]
        if clips { x0 = min(max(x0, step.clip_low), step.clip_high) }
        var y = (clipped ? step.clipped_a : step.a) * x[k]
        y = y + (clipped ? step.clipped_b : step.b) * x0
        if !clipped && step.g != 0 { y = y + step.g * e[k] }
        if step.d != 0 { y = y + step.d * z[k] }
        x[k] = y
      }
    }
    return x
  }

  func normal(_ count: Int, _ request: Request, stream: UInt32) -> [Float] {
    var values = [Float](repeating: 0, count: count)
    values.withUnsafeMutableBufferPointer {
      Noise.fillNormal($0, seed: request.seed, stream: stream, sample: request.sampleIndex)
    }
    return values
  }

  func generate(_ model: TestModel, _ request: Request, kernels: KernelSet = .best) throws -> [Float] {
    var session = try model.session(kernels)
    var output = [Float](repeating: .nan, count: model.sampleCount)
    try output.withUnsafeMutableBufferPointer { try session.generate(request, into: $0) }
    return output
  }

  /// A model whose steps clip, add noise and scale the answer.
  private func richModel(alwaysClipped: Bool = false) throws -> TestModel {
    var b = ProgramBuilder.denoiser(classes: 4, nullClass: 3)
    b.image.model.noise_tensor = Int32(b.persistent("noise"))
    b.image.model.initial_scale = 1.25
    if alwaysClipped { b.image.model.flags = DRIFT_MODEL_ALWAYS_CLIPPED_EPSILON.rawValue }
    for i in b.image.steps.indices {
      b.image.steps[i].d = i == 1 ? 0 : 0.3
      b.image.steps[i].output_scale = [1, -0.5, 2][i]
      guard i > 0 else { continue }
      b.image.steps[i].flags = DRIFT_STEP_CLIP.rawValue
      (b.image.steps[i].clip_low, b.image.steps[i].clip_high) = (-0.75, 1)
    }
    b.image.steps[2].guidance = 0
    return try TestModel(b.finished())
  }

  @Test(arguments: [Float(1), 2.5, 0], [Int32(-1), 0, 2])
  func samplesFollowTheArithmetic(guidance: Float, label: Int32) throws {
    for alwaysClipped in [false, true] {
      let model = try richModel(alwaysClipped: alwaysClipped)
      let request = Request(seed: 77, sampleIndex: 3, classLabel: label, guidance: guidance)
      let expected = sampled(model, request)
      for kernels in TestModel.kernelSets {
        #expect(bits(try generate(model, request, kernels: kernels)) == bits(expected), "\(kernels.kind)")
      }
    }
  }

  @Test func suppliedNoiseReplacesTheSeeds() throws {
    let model = try TestModel(ProgramBuilder.denoiser().finished())
    var random = TestRandom(5)
    let noise = (0..<model.sampleCount).map { _ in random.float(-2...2) }
    let found = try noise.withUnsafeBufferPointer { try generate(model, Request(seed: 1, noise: $0.baseAddress)) }
    #expect(bits(found) == bits(sampled(model, Request(seed: 9), noise: noise)))
  }

  @Test func seedsAndSampleIndicesGiveDifferentSamplesAndRepeat() throws {
    let model = try TestModel(ProgramBuilder.denoiser().finished())
    let first = try generate(model, Request(seed: 1))
    #expect(bits(first) == bits(try generate(model, Request(seed: 1))))
    #expect(first != (try generate(model, Request(seed: 2))))
    #expect(first != (try generate(model, Request(seed: 1, sampleIndex: 1))))
  }

  @Test func stepByStepGivesWhatGenerateGives() throws {
    let model = try richModel()
    let request = Request(seed: 4, classLabel: 1, guidance: 1.5)
    let expected = try generate(model, request)
    var session = try model.session()
    var state = [Float](repeating: 0, count: model.sampleCount)
    try session.start(request)
    for i in 0..<session.stepCount { try session.step(i) }
    try state.withUnsafeMutableBufferPointer { try session.copyState(into: $0) }
    #expect(bits(state) == bits(expected))
  }

  @Test func aStepCanStartFromAGivenState() throws {
    let model = try richModel()
    var session = try model.session()
    var (middle, end) = ([Float](repeating: 0, count: model.sampleCount), [Float](repeating: 0, count: model.sampleCount))
    try session.start(Request(seed: 4))
    for i in 0..<session.stepCount {
      if i == 2 { try middle.withUnsafeMutableBufferPointer { try session.copyState(into: $0) } }
      try session.step(i)
    }
    try end.withUnsafeMutableBufferPointer { try session.copyState(into: $0) }
    try session.start(Request(seed: 4))
    try middle.withUnsafeBufferPointer { try session.setState($0) }
    try session.step(2)
    var again = [Float](repeating: 0, count: model.sampleCount)
    try again.withUnsafeMutableBufferPointer { try session.copyState(into: $0) }
    #expect(bits(again) == bits(end))
  }

  @Test func progressCountsStepsAndFalseCancelsBetweenThem() throws {
    let model = try TestModel(ProgramBuilder.denoiser(steps: 5).finished())
    var session = try model.session()
    var output = [Float](repeating: 7, count: model.sampleCount)
    var seen: [Int] = []
    try output.withUnsafeMutableBufferPointer { output in
      try session.generate(Request(seed: 1), into: output) { done, all in
        seen.append(done)
        return all == 5
      }
    }
    #expect(seen == [1, 2, 3, 4, 5])
    let before = output
    seen = []
    #expect(throws: DriftError(.cancelled, expected: 5, found: 2)) {
      try output.withUnsafeMutableBufferPointer { output in
        try session.generate(Request(seed: 2), into: output) { done, _ in
          seen.append(done)
          return done < 2
        }
      }
    }
    #expect(seen == [1, 2])
    #expect(output == before)
  }

  @Test func historyFeedsLaterSteps() throws {
    for source in [UInt32(0), 1, 2] {
      var b = ProgramBuilder.denoiser(channels: 1, size: 4)
      b.image.model.history_tensors.0 = Int32(b.persistent("h0"))
      b.image.model.history_count = 1
      (b.image.steps[0].write_slot, b.image.steps[0].write_source) = (0, source)
      b.image.steps[2].c.0 = 0.6
      let model = try TestModel(b.finished())
      let found = try generate(model, Request(seed: 3))
      // Without the term, then with it, from the states on the way.
      var plain = b
      plain.image.steps[2].c.0 = 0
      let without = try generate(try TestModel(plain.finished()), Request(seed: 3))
      let x = normal(model.sampleCount, Request(seed: 3), stream: 0)
      let e = model.expected(x, step: 0)
      let kept: [Float]
      switch source {
      case 0: kept = x
      case 1: kept = zip(x, e).map { b.image.steps[0].p * $0 + b.image.steps[0].q * $1 }
      default: kept = e
      }
      #expect(bits(found) == bits(zip(without, kept).map { $0 + 0.6 * $1 }), "source \(source)")
    }
  }

  @Test func theProfileNamesEveryOperatorThatRan() throws {
    let model = try TestModel(ProgramBuilder.denoiser(size: 16).finished())
    var session = try model.session()
    var times = [UInt64](repeating: 0, count: model.file.operators.count)
    var output = [Float](repeating: 0, count: model.sampleCount)
    try times.withUnsafeMutableBufferPointer { times in
      session.profile = times
      try output.withUnsafeMutableBufferPointer { try session.generate(Request(seed: 1), into: $0) }
    }
    #expect(times.allSatisfy { $0 > 0 })
  }
}
