import CDriftFormat
import DriftFormat
import DriftRuntime
import Testing

/// What a session refuses, with which code and numbers.
struct SessionRefusalTests {
  private func model(classes: Int = 0, nullClass: Int? = nil) throws -> TestModel {
    try TestModel(ProgramBuilder.denoiser(classes: classes, nullClass: nullClass).finished())
  }

  private func refusal(_ model: TestModel, _ request: Request) -> DriftError? {
    var output = [Float](repeating: 7, count: model.sampleCount)
    do {
      var session = try model.session()
      try output.withUnsafeMutableBufferPointer { try session.generate(request, into: $0) }
      return nil
    } catch {
      return error as? DriftError
    }
  }

  @Test func anArenaOneByteTooSmallIsRefusedWithBothNumbers() throws {
    let model = try model()
    let needed = UInt64(model.arena.count)
    let small = UnsafeMutableRawBufferPointer(rebasing: model.arena[0..<model.arena.count - 1])
    #expect(throws: DriftError(.arenaTooSmall, expected: needed, found: needed - 1)) {
      try Session(file: model.file, arena: small)
    }
    let more = needed + ThreadMemory.bytes(for: model.file.model)
    #expect(throws: DriftError(.arenaTooSmall, expected: more, found: needed)) {
      try Session(file: model.file, arena: model.arena, threads: 2)
    }
    #expect(throws: DriftError(.arenaTooSmall, expected: needed, found: 0)) {
      try Session(file: model.file, arena: UnsafeMutableRawBufferPointer(start: nil, count: 0))
    }
  }

  @Test func aMisalignedArenaIsRefused() throws {
    let model = try model()
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: model.arena.count + 64, alignment: 64)
    defer { memory.deallocate() }
    for shift in [1, 8, 32, 63] {
      let arena = UnsafeMutableRawBufferPointer(rebasing: memory[shift..<shift + model.arena.count])
      #expect(throws: DriftError(.arenaMisaligned, expected: 64, found: UInt64(shift))) {
        try Session(file: model.file, arena: arena)
      }
    }
  }

  @Test func threadCountsOutsideTheFilesRangeAreRefused() throws {
    let model = try model()
    for threads in [0, -1, Int(model.file.model.max_threads) + 1, Int.max] {
      #expect(throws: DriftError(.badThreads, expected: 64, found: UInt64(bitPattern: Int64(threads)))) {
        try Session(file: model.file, arena: model.arena, threads: threads)
      }
    }
  }

  @Test func classesAreCheckedAgainstTheModel() throws {
    let unconditional = try model()
    #expect(refusal(unconditional, Request(seed: 1, classLabel: 0))?.code == .badClass)
    #expect(refusal(unconditional, Request(seed: 1)) == nil)
    let conditional = try model(classes: 3)
    #expect(refusal(conditional, Request(seed: 1)) == DriftError(.badClass, expected: 3, found: .max))
    #expect(refusal(conditional, Request(seed: 1, classLabel: 3)) == DriftError(.badClass, expected: 3, found: 3))
    #expect(refusal(conditional, Request(seed: 1, classLabel: -2))?.code == .badClass)
    #expect(refusal(conditional, Request(seed: 1, classLabel: .max))?.code == .badClass)
    #expect(refusal(conditional, Request(seed: 1, classLabel: 2)) == nil)
    let free = try model(classes: 3, nullClass: 1)
    #expect(refusal(free, Request(seed: 1)) == nil)
  }

  @Test func aRefusedRequestLeavesTheWalkThatIsUnderWay() throws {
    let model = try model(classes: 3, nullClass: 0)
    func states(refused: [Request]) throws -> [[UInt32]] {
      var session = try model.session()
      try session.start(Request(seed: 5, classLabel: 1, guidance: 2))
      return try (0..<session.stepCount).map { step in
        for request in refused { #expect(throws: DriftError.self) { try session.start(request) } }
        try session.step(step)
        return bits(try model.state(of: session))
      }
    }
    let refused = [
      Request(seed: 6, classLabel: 3), Request(seed: 6, classLabel: .max), Request(seed: 6, classLabel: 2, guidance: .nan),
    ]
    #expect(try states(refused: refused) == states(refused: []))
  }

  @Test func guidanceNeedsANullClassAndANumber() throws {
    let conditional = try model(classes: 3)
    #expect(refusal(conditional, Request(seed: 1, classLabel: 0, guidance: 2))?.code == .badGuidance)
    let free = try model(classes: 3, nullClass: 0)
    #expect(refusal(free, Request(seed: 1, classLabel: 1, guidance: 2)) == nil)
    #expect(refusal(free, Request(seed: 1, classLabel: 1, guidance: .nan))?.code == .badGuidance)
    #expect(refusal(free, Request(seed: 1, classLabel: 1, guidance: .infinity))?.code == .badGuidance)
  }

  @Test func buffersThatAreTooShortAreRefused() throws {
    let model = try model()
    var session = try model.session()
    let count = model.sampleCount
    var (x, output) = ([Float](repeating: 0, count: count), [Float](repeating: 7, count: count))
    output.withUnsafeMutableBufferPointer { output in
      let short = UnsafeMutableBufferPointer(rebasing: output[0..<count - 1])
      let refusal = DriftError(.outputTooSmall, expected: UInt64(count), found: UInt64(count - 1))
      #expect(throws: refusal) { try session.generate(Request(seed: 1), into: short) }
      x.withUnsafeMutableBufferPointer { x in
        #expect(throws: refusal) { try session.evaluate(UnsafeBufferPointer(x), step: 0, into: short) }
        let shortInput = UnsafeBufferPointer(rebasing: x[0..<count - 1])
        #expect(throws: DriftError(.badNoise, expected: UInt64(count), found: UInt64(count - 1))) {
          try session.evaluate(shortInput, step: 0, into: output)
        }
        for step in [-1, 3, Int.max] {
          #expect(throws: DriftError(.badStep, expected: 3, found: UInt64(bitPattern: Int64(step)))) {
            try session.evaluate(UnsafeBufferPointer(x), step: step, into: output)
          }
        }
      }
    }
    #expect(output.allSatisfy { $0 == 7 })
  }

  @Test func hugeNoiseIsHarmlessAndNoiseThatIsNoNumberIsRefused() throws {
    let model = try model()
    var noise = (0..<model.sampleCount).map { [Float.greatestFiniteMagnitude, -3e38, -Float.leastNonzeroMagnitude][$0 % 3] }
    noise.withUnsafeBufferPointer { #expect(refusal(model, Request(seed: 1, noise: $0.baseAddress)) == nil) }
    for value in [Float.nan, .infinity, -.infinity] {
      noise[model.sampleCount - 1] = value
      noise.withUnsafeBufferPointer {
        let count = UInt64(model.sampleCount)
        #expect(
          refusal(model, Request(seed: 1, noise: $0.baseAddress)) == DriftError(.badNoise, expected: count, found: count - 1))
      }
    }
  }
}
