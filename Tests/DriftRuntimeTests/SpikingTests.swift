import AllocationProbe
import CDriftFormat
import DriftFormat
import DriftRuntime
import Testing

/// Spiking programs against the integer programs that they were made from: the same bits after every step, however events travel.
struct SpikingTests {
  private static var guided: Request { Request(seed: 21, classLabel: 1, guidance: 2.5) }

  private func check(_ builder: ProgramBuilder, _ request: Request, ways: [SpikingWay], _ label: String) throws {
    let plain = try TestModel(builder)
    let expected = try plain.walk(request, SpikingWay()).states
    #expect(Set(expected).count == expected.count, "\(label): steps that change nothing prove nothing")
    let spiking = try TestModel(try builder.spiking(), threads: SpikingWay.mostThreads)
    for way in ways {
      let found = try spiking.walk(request, way)
      for step in expected.indices { #expect(found.states[step] == expected[step], "\(label), \(way), step \(step)") }
      #expect(found.distances.allSatisfy { $0 == 0 }, "\(label), \(way)")
    }
  }

  @Test(arguments: [1, 3, 7, 15, 63, 127, 255])
  func everyNetworkGivesTheBitsOfTheIntegerProgram(levels: Int) throws {
    for seed in 0..<6 {
      let builder = ProgramBuilder.network(seed: UInt64(seed), levels: levels)
      try check(
        builder, Request(seed: UInt64(seed)), ways: SpikingWay.all(from: seed * 7 + levels), "\(levels) levels, seed \(seed)")
    }
  }

  @Test(arguments: [3, 15, 127])
  func valuesOnHalfLevelsAreRoundedAlike(levels: Int) throws {
    for seed in 20..<23 {
      let builder = ProgramBuilder.network(seed: UInt64(seed), levels: levels, ties: true)
      try check(builder, Request(seed: UInt64(seed)), ways: SpikingWay.all(from: seed), "\(levels) levels, seed \(seed)")
    }
  }

  @Test func bothClassesOfGuidanceHaveStateOfTheirOwn() throws {
    for seed in 30..<34 {
      var builder = ProgramBuilder.network(seed: UInt64(seed), levels: 31, steps: 6, classes: 3, nullClass: 2)
      builder.image.model.class_tensor = Int32(builder.persistent("class"))
      // Steps that evaluate the null class, skip it, and estimate it: its state stays behind by several steps and a group.
      builder.image.steps[1].guidance = 0
      builder.image.steps[2].guidance = 0
      (builder.image.steps[4].null_source, builder.image.steps[4].estimate) = (DRIFT_NULL_ESTIMATED.rawValue, (0.5, 0.25, 0.25))
      try check(builder, Self.guided, ways: SpikingWay.all(from: seed), "seed \(seed)")
    }
  }

  /// Weights and operands at the ends of their ranges: greatest payloads, sums of one sign, lists without room.
  @Test func extremeWeightsGiveTheSameBits() throws {
    for seed in 50..<54 {
      var b = ProgramBuilder(channels: 2, height: 5, width: 5, groups: 4, seed: UInt64(seed))
      b.usesExtremes = true
      let trunk = b.trunk(channels: 37)
      let x = b.quantize(trunk, DRIFT_TYPE_INT8)
      b.body = b.convolve(x, to: DRIFT_TYPE_INT16, channels: 21, size: (5, 5), kernel: (3, 3), pad: (1, 1))
      b = b.finished()
      // One zero point, so that membranes are kept although everything swings from end to end.
      for group in b.image.quantization.indices { b.image.quantization[group][x] = drift_quantization(scale: 1e-4, zero_point: -1) }
      for step in b.image.steps.indices { (b.image.steps[step].p, b.image.steps[step].q) = (-1.5, 0.6) }
      try check(b, Request(seed: UInt64(seed)), ways: SpikingWay.all(from: seed), "seed \(seed)")
    }
  }

  @Test func strategiesDoWhatTheyAreCalled() throws {
    let builder = ProgramBuilder.network(seed: 2, levels: 15)
    let model = try TestModel(try builder.spiking(), threads: SpikingWay.mostThreads)
    func total(_ way: SpikingWay) throws -> OperatorActivity {
      try model.activity(Request(seed: 3), way).reduce(into: OperatorActivity()) {
        $0.events += $1.events
        $0.neurons += $1.neurons
        $0.synapticOperations += $1.synapticOperations
        $0.dense += $1.dense
        $0.gather += $1.gather
        $0.scatter += $1.scatter
      }
    }
    let dense = try total(SpikingWay(strategy: .dense, threads: 2))
    #expect(dense.dense > 0 && dense.gather == 0 && dense.scatter == 0)
    let gather = try total(SpikingWay(strategy: .gather, threads: 3))
    #expect(gather.gather > 0 && gather.scatter == 0)
    let scatter = try total(SpikingWay(strategy: .scatter))
    #expect(scatter.scatter > 0 && scatter.gather == 0)
    for other in [gather, scatter] {
      #expect(other.events == dense.events && other.neurons == dense.neurons)
      #expect(other.dense + other.gather + other.scatter == dense.dense)
    }
    #expect(dense.events > 0 && dense.events < dense.neurons)
    #expect(gather.synapticOperations == scatter.synapticOperations && gather.synapticOperations > gather.events)
    let reset = try total(SpikingWay(strategy: .gather, resets: true))
    #expect(reset.events > gather.events, "state that is kept saves events")
  }

  @Test func evaluationsBetweenStepsDoNotDisturbAWalk() throws {
    let builder = ProgramBuilder.network(seed: 9, levels: 63, steps: 6, classes: 3, nullClass: 2)
    let plain = try TestModel(builder)
    let spiking = try TestModel(try builder.spiking(), threads: SpikingWay.mostThreads)
    var random = TestRandom(6)
    let others = (0..<3).map { _ in (0..<plain.sampleCount).map { _ in random.float(-2...2) } }
    func calls(_ model: TestModel, _ way: SpikingWay) throws -> [[UInt32]] {
      var session = try model.session(way)
      var seen: [[UInt32]] = []
      try session.start(Self.guided)
      for step in 0..<6 {
        try session.step(step)
        let state = try model.state(of: session)
        seen.append(bits(state))
        let branch: Branch? = [nil, .conditional, .unconditional][step % 3]
        seen.append(
          try model.answer(of: &session, others[step % 3], step: 5 - step, classLabel: Int32(step % 3), branch: branch))
        try state.withUnsafeBufferPointer { try session.setState($0) }
      }
      // Another sample begins from what is left of this one.
      try session.start(Request(seed: 4, classLabel: 0))
      try session.step(2)
      seen.append(bits(try model.state(of: session)))
      return seen
    }
    let expected = try calls(plain, SpikingWay())
    for way in SpikingWay.all(from: 1) { #expect(try calls(spiking, way) == expected, "\(way)") }
  }

  /// Both branches of a model without null class have one state, whose step group is that of whichever ran last.
  @Test func branchesThatShareTheirStateShareItsStepGroup() throws {
    for seed in 60..<63 {
      let builder = ProgramBuilder.network(seed: UInt64(seed), levels: 63, steps: 5)
      let plain = try TestModel(builder)
      let spiking = try TestModel(try builder.spiking())
      var random = TestRandom(UInt64(seed))
      let inputs = (0..<8).map { _ in (0..<plain.sampleCount).map { _ in random.float(-2...2) } }
      for strategy in SpikingWay.strategies {
        var session = try spiking.session(SpikingWay(strategy: strategy))
        try session.start(Request(seed: 1))
        for (turn, x) in inputs.enumerated() {
          let step = turn % 2 * 3
          let found = try spiking.answer(of: &session, x, step: step, branch: step == 0 ? .conditional : .unconditional)
          #expect(found == bits(try plain.evaluate(x, step: step, kernels: .best)), "seed \(seed), \(strategy), turn \(turn)")
        }
      }
    }
  }

  @Test func aCancelledSampleLeavesNothingForTheNext() throws {
    let model = try TestModel(try ProgramBuilder.network(seed: 4, levels: 15, classes: 3, nullClass: 2).spiking())
    var session = try model.session(SpikingWay(strategy: .gather))
    var output = [Float](repeating: 0, count: model.sampleCount)
    try output.withUnsafeMutableBufferPointer { try session.generate(Self.guided, into: $0) }
    let expected = bits(output)
    #expect(throws: DriftError.self) {
      try output.withUnsafeMutableBufferPointer {
        try session.generate(Request(seed: 5, classLabel: 0, guidance: 3), into: $0) { done, _ in done < 2 }
      }
    }
    try output.withUnsafeMutableBufferPointer { try session.generate(Self.guided, into: $0) }
    #expect(bits(output) == expected)
  }

  @Test(arguments: [1, 3]) func ternaryEventsCanBeCancelledWithinAStep(threads: Int) throws {
    let model = try TestModel(
      try ProgramBuilder.network(seed: 4, levels: 63, classes: 3, nullClass: 2).spiking(), threads: SpikingWay.mostThreads)
    let way = SpikingWay(strategy: .gather, events: .ternary, threads: threads)
    let expected = try model.walk(Self.guided, way).states
    var session = try model.session(way)
    var output = [Float](repeating: 7, count: model.sampleCount)
    for done in 0..<2 {
      try session.start(Self.guided)
      for step in 0..<done { try session.step(step) }
      session.isCancelled = { 1 }
      #expect(throws: DriftError(.cancelled, expected: 5, found: UInt64(done))) { try session.step(done) }
      #expect(session.lastSpiking.timeSteps == 1 && session.lastSpiking.distance > 0)
      #expect(throws: DriftError.self) { try model.answer(of: &session, output, step: 1, classLabel: 1, branch: .conditional) }
      #expect(throws: DriftError(.cancelled, expected: 5, found: 0)) {
        try output.withUnsafeMutableBufferPointer { try session.generate(Self.guided, into: $0) }
      }
      #expect(output.allSatisfy { $0 == 7 })
      session.isCancelled = { 0 }
      try session.start(Self.guided)
      for step in expected.indices {
        try session.step(step)
        #expect(bits(try model.state(of: session)) == expected[step], "cancelled at \(done), step \(step)")
      }
    }
    // Graded events have nothing between which one could ask.
    session.spiking.events = .graded
    session.isCancelled = { 1 }
    try session.start(Self.guided)
    try session.step(0)
    #expect(bits(try model.state(of: session)) == expected[0])
  }

  /// What both evaluations of a step leave unsent is missing from its answer.
  @Test func aGuidedStepCountsBothOfItsEvaluations() throws {
    let model = try TestModel(try ProgramBuilder.network(seed: 4, levels: 63, classes: 3, nullClass: 2).spiking())
    func alone(_ label: Int32, _ branch: Branch) throws -> UInt64 {
      var session = try model.session(SpikingWay(events: .ternary, timeSteps: 2))
      try session.start(Self.guided)
      _ = try model.answer(of: &session, try model.state(of: session), step: 0, classLabel: label, branch: branch)
      #expect(session.lastSpiking.timeSteps == 2)
      return session.lastSpiking.distance
    }
    let (null, conditional) = (try alone(2, .unconditional), try alone(1, .conditional))
    var session = try model.session(SpikingWay(events: .ternary, timeSteps: 2))
    try session.start(Self.guided)
    try session.step(0)
    #expect(null > 0 && conditional > 0)
    #expect(session.lastSpiking.timeSteps == 4 && session.lastSpiking.distance == null + conditional)
  }

  /// Padding channels and what a program has not written yet must not matter.
  @Test func whatTheArenaHeldBeforeDoesNotMatter() throws {
    for seed in 0..<7 {
      let model = try TestModel(
        try ProgramBuilder.network(seed: UInt64(seed), levels: 31).spiking(), threads: SpikingWay.mostThreads)
      for way in SpikingWay.all(from: seed) where way.events == .graded {
        var seen: Set<[[UInt32]]> = []
        for byte: UInt8 in [0, 0x7F, 0x80, 0xFF] {
          model.fillArena(byte)
          seen.insert(try model.walk(Request(seed: 8), way).states)
        }
        #expect(seen.count == 1, "seed \(seed), \(way)")
      }
    }
  }

  /// Ternary events that are cut short are some levels from rest, and those that are not have the bits. What is left is sent later.
  @Test func cappedTernaryEventsSayHowFarFromRestTheyStopped() throws {
    let builder = ProgramBuilder.network(seed: 1, levels: 15, steps: 6)
    let expected = try TestModel(builder).walk(Request(seed: 3), SpikingWay()).states
    let model = try TestModel(try builder.spiking(), threads: SpikingWay.mostThreads)
    let capped = try model.walk(Request(seed: 3), SpikingWay(events: .ternary, timeSteps: 2))
    #expect(capped.distances[0] > 0)
    #expect(capped.states[0] != expected[0])
    for strategy in SpikingWay.strategies {
      let other = try model.walk(Request(seed: 3), SpikingWay(strategy: strategy, events: .ternary, timeSteps: 2, threads: 3))
      #expect(other.states == capped.states && other.distances == capped.distances, "\(strategy)")
    }
    let free = try model.walk(Request(seed: 3), SpikingWay(events: .ternary, timeSteps: 1000))
    #expect(free.states == expected && free.distances.allSatisfy { $0 == 0 })

    var session = try model.session(SpikingWay(strategy: .gather, events: .ternary, timeSteps: 2))
    try session.start(Request(seed: 3))
    let x = try model.state(of: session)
    let unfinished = try model.answer(of: &session, x, step: 0, branch: .conditional)
    #expect(session.lastSpiking.timeSteps == 2)
    session.spiking.events = .graded
    let finished = try model.answer(of: &session, x, step: 0, branch: .conditional)
    #expect(unfinished != finished)
    #expect(finished == bits(try TestModel(builder).evaluate(x, step: 0, kernels: .best)))
    #expect(session.lastSpiking.timeSteps == 1)
  }

  /// A threshold loses something, and always the same.
  @Test func aThresholdIsLossyAndTheSameHoweverEventsTravel() throws {
    for seed in 0..<4 {
      let builder = ProgramBuilder.network(seed: UInt64(seed), levels: 63)
      let exact = try TestModel(builder).walk(Request(seed: 3), SpikingWay()).states
      let model = try TestModel(try builder.spiking(threshold: 2), threads: SpikingWay.mostThreads)
      for resets in [false, true] {
        var seen: Set<[[UInt32]]> = [], distances: Set<[UInt64]> = []
        for (turn, strategy) in SpikingWay.strategies.enumerated() {
          for kernels in TestModel.kernelSets {
            let way = SpikingWay(strategy: strategy, resets: resets, threads: 1 + (turn + seed) % 4, kernels: kernels)
            let walk = try model.walk(Request(seed: 3), way)
            seen.insert(walk.states)
            distances.insert(walk.distances)
          }
        }
        #expect(seen.count == 1 && distances.count == 1, "seed \(seed), resets \(resets)")
        #expect(seen.first != exact)
        #expect(distances.first?.contains { $0 > 0 } ?? false)
      }
    }
  }

  @Test func runningMakesNoHeapCallAndWritesNothingOutsideTheArena() throws {
    let model = try TestModel(try ProgramBuilder.network(seed: 4, levels: 15, classes: 3, nullClass: 2).spiking())
    let margin = 4096
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: model.arena.count + 2 * margin, alignment: 64)
    let output = UnsafeMutableBufferPointer<Float>.allocate(capacity: model.sampleCount)
    let activity = UnsafeMutableBufferPointer<OperatorActivity>.allocate(capacity: model.file.operators.count)
    activity.initialize(repeating: OperatorActivity())
    defer {
      memory.deallocate()
      output.deallocate()
      activity.deallocate()
    }
    for kernels in TestModel.kernelSets {
      for strategy in SpikingWay.strategies {
        for i in 0..<memory.count { memory[i] = UInt8(truncatingIfNeeded: i) }
        let arena = UnsafeMutableRawBufferPointer(rebasing: memory[margin..<margin + model.arena.count])
        var failure: DriftErrorCode?
        allocation_probe_begin()
        do throws(DriftError) {
          let file = try DriftFile(verifying: model.file.bytes)
          var session = try Session(file: file, arena: arena, kernels: kernels)
          session.spiking.strategy = strategy
          session.activity = activity
          try session.generate(Self.guided, into: output) { _, _ in true }
          session.spiking.events = .ternary
          session.spiking.timeSteps = 5
          try session.evaluate(UnsafeBufferPointer(output), step: 1, classLabel: 1, into: output)
        } catch {
          failure = error.code
        }
        #expect(allocation_probe_end() == 0, "\(kernels.kind), \(strategy)")
        #expect(failure == nil)
        let outside = Array(0..<margin) + Array(margin + arena.count..<memory.count)
        #expect(outside.allSatisfy { memory[$0] == UInt8(truncatingIfNeeded: $0) }, "\(kernels.kind), \(strategy)")
      }
    }
  }
}
