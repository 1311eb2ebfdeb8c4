import AllocationProbe
import CDriftFormat
import DriftFormat
import DriftRuntime
import Testing

/// Programs that read what an earlier step has kept, against the plain interpreter.
struct KeptTensorTests {
  private static var request: Request { Request(seed: 12, classLabel: 1, guidance: 2.5) }

  private func guided(steps: Int = 7) throws -> TestModel {
    var b = ProgramBuilder.cached(steps: steps, classes: 3, nullClass: 2)
    // Evaluated once: the null class keeps what it has.
    b.image.steps[3].guidance = 0
    return try TestModel(b)
  }

  /// Answers of all steps of a walk over given states, for one class.
  private func answers(_ model: TestModel, _ states: [[Float]], classLabel: Int, skipping: Set<Int> = []) -> [[Float]] {
    var kept: [Int: [Int]]? = [:]
    return states.enumerated().map { step, x in
      skipping.contains(step)
        ? []
        : model.planar(
          PlainInterpreter.evaluate(model.image, state: model.interleaved(x), step: step, classLabel: classLabel, kept: &kept))
    }
  }

  /// The states before each step of a sample, and the last.
  private func states(_ model: TestModel, _ request: Request, kernels: KernelSet = .best) throws -> [[Float]] {
    var session = try model.session(kernels)
    try session.start(request)
    var result: [[Float]] = []
    for step in 0...session.stepCount {
      var state = [Float](repeating: 0, count: model.sampleCount)
      try state.withUnsafeMutableBufferPointer { try session.copyState(into: $0) }
      result.append(state)
      if step < session.stepCount { try session.step(step) }
    }
    return result
  }

  @Test func samplesFollowTheArithmeticForBothClasses() throws {
    let model = try guided()
    for kernels in TestModel.kernelSets {
      let states = try states(model, Self.request, kernels: kernels)
      let walk = Array(states.dropLast())
      let conditional = answers(model, walk, classLabel: 1)
      let unconditional = answers(model, walk, classLabel: 2, skipping: [3])
      for (index, step) in model.image.steps.enumerated() {
        let w = step.guidance == 0 ? 1 : Self.request.guidance
        for k in 0..<model.sampleCount {
          var e = conditional[index][k]
          if w != 1 { e = unconditional[index][k] + w * (e - unconditional[index][k]) }
          let x = states[index][k]
          let x0 = step.p * x + step.q * e
          let y = (step.a * x + step.b * x0) + step.g * e
          #expect(states[index + 1][k].bitPattern == y.bitPattern, "\(kernels.kind), step \(index), value \(k)")
        }
      }
    }
  }

  /// The tensors of the two evaluations are apart, and what is kept matters.
  @Test func keptTensorsOfBothClassesAreApart() throws {
    let model = try guided()
    let record = model.file.model
    #expect(record.kept_bytes == UInt64(6 * 6 * 8 * 2 + 63) / 64 * 64)
    let states = try states(model, Self.request)
    let walk = Array(states.dropLast())
    let own = answers(model, walk, classLabel: 1)
    for step in [1, 2, 4, 5] { #expect(own[step] != model.expected(walk[step], step: step, classLabel: 1)) }
  }

  @Test func aSingleEvaluationRunsTheFirstProgram() throws {
    let model = try guided()
    let x = try states(model, Self.request)[2]
    let expected = model.expected(x, step: 2, classLabel: 1)
    #expect(bits(try model.evaluate(x, step: 2, classLabel: 1, kernels: .best)) == bits(expected))
    // And again in a session that has just kept something.
    var session = try model.session()
    try session.start(Self.request)
    for step in 0..<2 { try session.step(step) }
    var output = [Float](repeating: 0, count: model.sampleCount)
    try x.withUnsafeBufferPointer { x in
      try output.withUnsafeMutableBufferPointer { try session.evaluate(x, step: 2, classLabel: 1, into: $0) }
    }
    #expect(bits(output) == bits(expected))
  }

  @Test func evaluationsOfABranchFollowEachOther() throws {
    let model = try guided()
    let walk = Array(try states(model, Self.request).dropLast())
    var session = try model.session()
    try session.start(Self.request)
    for (branch, label) in [(Branch.conditional, Int32(1)), (.unconditional, 2)] {
      let expected = answers(model, walk, classLabel: Int(label))
      for (step, x) in walk.enumerated() {
        var output = [Float](repeating: 0, count: model.sampleCount)
        try x.withUnsafeBufferPointer { x in
          try output.withUnsafeMutableBufferPointer {
            try session.evaluate(x, step: step, classLabel: label, branch: branch, into: $0)
          }
        }
        #expect(bits(output) == bits(expected[step]), "step \(step)")
      }
    }
  }

  /// A walk that begins in the middle has nothing kept yet: the first program runs there, and the next steps use what it keeps.
  @Test func aWalkMayBeginAtAnyStep() throws {
    let model = try TestModel(ProgramBuilder.cached())
    let states = try states(model, Request(seed: 5))
    var session = try model.session()
    func walk() throws -> [Float] {
      try session.start(Request(seed: 5))
      try states[2].withUnsafeBufferPointer { try session.setState($0) }
      for step in 2..<session.stepCount { try session.step(step) }
      var state = [Float](repeating: 0, count: model.sampleCount)
      try state.withUnsafeMutableBufferPointer { try session.copyState(into: $0) }
      return state
    }
    let first = try walk()
    for i in 0..<model.arena.count { model.arena[i] = 0xA5 }
    #expect(bits(try walk()) == bits(first))
    #expect(first != states[6])
  }

  @Test func aCancelledSampleLeavesNothingForTheNext() throws {
    let model = try guided()
    var session = try model.session()
    func sample(_ request: Request, steps: Int) throws -> [Float] {
      var output = [Float](repeating: 0, count: model.sampleCount)
      try output.withUnsafeMutableBufferPointer { output in
        do {
          try session.generate(request, into: output) { done, _ in done < steps }
        } catch let error as DriftError where error.code == .cancelled {
          try session.copyState(into: output)
        }
      }
      return output
    }
    let expected = try sample(Self.request, steps: 100)
    _ = try sample(Request(seed: 99, classLabel: 0, guidance: 3), steps: 2)
    #expect(bits(try sample(Self.request, steps: 100)) == bits(expected))
  }

  @Test func generatingMakesNoHeapCall() throws {
    let model = try guided()
    let output = UnsafeMutableBufferPointer<Float>.allocate(capacity: model.sampleCount)
    defer { output.deallocate() }
    for kernels in TestModel.kernelSets {
      var failure: DriftErrorCode?
      allocation_probe_begin()
      do throws(DriftError) {
        let file = try DriftFile(verifying: model.file.bytes)
        var session = try Session(file: file, arena: model.arena, threads: 1, kernels: kernels)
        try session.generate(Self.request, into: output) { _, _ in true }
        try session.evaluate(UnsafeBufferPointer(output), step: 1, classLabel: 1, branch: .unconditional, into: output)
      } catch {
        failure = error.code
      }
      #expect(allocation_probe_end() == 0, "\(kernels.kind)")
      #expect(failure == nil)
    }
  }

  /// Weights are in the file once.
  @Test func programsShareTheirConstants() throws {
    let model = try TestModel(ProgramBuilder.cached())
    #expect(model.file.programs.count == 2)
    #expect(model.file.operators.count > model.image.programs[0].operators.count)
    let first = model.image.operators[model.image.programs[0].operators].flatMap {
      [$0.record.constants.0, $0.record.constants.1, $0.record.constants.2, $0.record.constants.3]
    }
    #expect(model.file.constants.count == Set(first.filter { $0 >= 0 }).count)
  }
}
