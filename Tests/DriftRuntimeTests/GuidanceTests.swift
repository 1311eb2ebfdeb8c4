import CDriftFormat
import DriftFormat
import DriftRuntime
import Testing

/// Steps that skip the null class or estimate its answer, against the plain loop of `SessionTests`.
struct GuidanceTests {
  private let plain = SessionTests()

  /// Every kind of step after every other that is allowed, clipping from the second step on.
  private func model(alwaysClipped: Bool = false) throws -> TestModel {
    var b = ProgramBuilder.denoiser(steps: 7, classes: 4, nullClass: 3)
    b.image.model.class_tensor = Int32(b.persistent("class"))
    if alwaysClipped { b.image.model.flags = DRIFT_MODEL_ALWAYS_CLIPPED_EPSILON.rawValue }
    for i in b.image.steps.indices {
      b.image.steps[i].output_scale = i == 3 ? -0.5 : 1
      if i == 0 || i == 4 { b.image.steps[i].guidance = 0 }
      if [2, 3, 5].contains(i) {
        b.image.steps[i].null_source = DRIFT_NULL_ESTIMATED.rawValue
        b.image.steps[i].estimate = (0.9 + 0.01 * Float(i), -0.83, i == 5 ? 0 : 0.87)
      }
      guard i > 0 else { continue }
      b.image.steps[i].flags = DRIFT_STEP_CLIP.rawValue
      (b.image.steps[i].clip_low, b.image.steps[i].clip_high) = (-0.75, 1)
    }
    return try TestModel(b.finished())
  }

  @Test(arguments: [Float(1), 2.5, 0], [Int32(-1), 0, 2])
  func samplesFollowTheArithmetic(guidance: Float, label: Int32) throws {
    for alwaysClipped in [false, true] {
      let model = try model(alwaysClipped: alwaysClipped)
      let request = Request(seed: 78, sampleIndex: 1, classLabel: label, guidance: guidance)
      let expected = plain.sampled(model, request)
      for kernels in TestModel.kernelSets {
        #expect(bits(try plain.generate(model, request, kernels: kernels)) == bits(expected), "\(kernels.kind)")
      }
    }
  }

  @Test func stepsThatOnlySkipEqualFullGuidanceWithWeightOne() throws {
    var b = ProgramBuilder.denoiser(classes: 4, nullClass: 3)
    for i in b.image.steps.indices { b.image.steps[i].guidance = 0 }
    let model = try TestModel(b.finished())
    let unguided = try plain.generate(model, Request(seed: 5, classLabel: 1))
    #expect(try bits(plain.generate(model, Request(seed: 5, classLabel: 1, guidance: 3))) == bits(unguided))
  }

  @Test func skippedAndEstimatedStepsEvaluateOnce() throws {
    let model = try model()
    let rows = model.image.steps.map { GuidanceRow($0) }
    #expect(rows.map(\.kind) == [.skipped, .full, .estimated, .estimated, .skipped, .estimated, .full])
    #expect(rows.map { $0.evaluations(2) } == [1, 2, 1, 1, 1, 1, 2])
    #expect(rows.allSatisfy { $0.evaluations(1) == 1 })
    #expect(rows.map { $0.weight(2) } == [1, 2, 2, 2, 1, 2, 2])
  }

  @Test func aWalkThatBeginsWithAnEstimateEvaluatesBothClasses() throws {
    let model = try model()
    var session = try model.session()
    func walk() throws -> [Float] {
      try session.start(Request(seed: 3, classLabel: 2, guidance: 2))
      for step in 2..<session.stepCount { try session.step(step) }
      var state = [Float](repeating: 0, count: model.sampleCount)
      try state.withUnsafeMutableBufferPointer { try session.copyState(into: $0) }
      return state
    }
    let first = try walk()
    for i in 0..<model.arena.count { model.arena[i] = 0x5A }
    #expect(bits(try walk()) == bits(first))
  }

  @Test func whatTheArenaHeldBeforeDoesNotMatter() throws {
    let model = try model()
    let request = Request(seed: 3, classLabel: 2, guidance: 2)
    let first = try plain.generate(model, request)
    // What the arena holds from the walk before must not matter: the estimates start anew.
    #expect(try bits(plain.generate(model, request)) == bits(first))
    for i in 0..<model.arena.count { model.arena[i] = 0xFF }
    #expect(try bits(plain.generate(model, request)) == bits(first))
  }
}
