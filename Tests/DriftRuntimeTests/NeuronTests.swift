import CDriftFormat
import DriftFormat
import DriftRuntime
import Testing

/// Neurons with membranes: several runs for one answer, bit for bit as the plain interpreter has them.
@Suite struct NeuronTests {
  @Test func `neurons of every shape and number of steps`() throws {
    var seed: UInt64 = 7000
    for width in [1, 3, 4, 5, 16, 18, 33] {
      for size in [1, 4, 7] {
        for steps in [1, 2, 5] {
          seed += 1
          let b = ProgramBuilder.neurons(channels: 2, size: size, width: width, steps: steps, seed: seed)
          try OperatorTests().check(b.finished(), varies: false, "\(width) channels, size \(size), \(steps) steps")
        }
      }
    }
  }

  @Test func `classes have rows of their own at each spiking step`() throws {
    let b = ProgramBuilder.neurons(channels: 3, size: 6, width: 12, steps: 4, classes: 3, seed: 7100)
    try OperatorTests().check(b.finished(), "three classes")
  }

  @Test func `earlier steps change the answer`() throws {
    let x = Self.noise(2 * 36)
    let answers = try [1, 2, 3].map { steps in
      let model = try TestModel(ProgramBuilder.neurons(channels: 2, size: 6, width: 8, steps: steps, seed: 7200).finished())
      return try model.evaluate(x, step: 0, kernels: .best)
    }
    #expect(Set(answers.map { bits($0) }).count == 3)
  }

  @Test func `membranes begin each call at zero, whatever the arena holds`() throws {
    let model = try TestModel(ProgramBuilder.neurons(channels: 2, size: 6, width: 8, steps: 3, seed: 7300).finished(), threads: 2)
    let (x, other) = (Self.noise(2 * 36), Self.noise(2 * 36, seed: 2))
    let first = try model.evaluate(x, step: 0, kernels: .best)
    _ = try model.evaluate(other, step: 1, kernels: .best)
    #expect(bits(try model.evaluate(x, step: 0, kernels: .best)) == bits(first))
  }

  /// There are no spike time steps in which single levels could add up to what neurons ask for: events are graded whatever is asked for.
  @Test func `spikes travel as events of any kind and in any way with the same bits`() throws {
    for (seed, steps) in [(7400, 1), (7401, 3), (7402, 4)] as [(UInt64, Int)] {
      var b = ProgramBuilder(channels: 2, height: 6, width: 6, spikeSteps: steps, seed: seed)
      let stem = b.convolve(
        b.quantize(b.state, DRIFT_TYPE_INT8), to: DRIFT_TYPE_INT16, channels: 9, size: (6, 6), kernel: (3, 3), pad: (1, 1))
      b.body = b.convolve(
        b.fire(stem, threshold: 0.4), to: DRIFT_TYPE_INT16, channels: 9, size: (6, 6), kernel: (3, 3), pad: (1, 1),
        residual: stem, stepBias: true)
      b = b.finished()
      let plain = try TestModel(b)
      let expected = try plain.walk(Request(seed: seed), SpikingWay()).states
      let spiking = try TestModel(try b.spiking(), threads: SpikingWay.mostThreads)
      for strategy in SpikingWay.strategies {
        for events in [SpikingOptions.Events.graded, .ternary] {
          let way = SpikingWay(strategy: strategy, events: events, threads: 1 + steps % 3)
          #expect(try spiking.walk(Request(seed: seed), way).states == expected, "\(way), \(steps) steps")
        }
      }
    }
  }

  @Test func `spiking steps can be cancelled, and leave nothing for the next sample`() throws {
    let model = try TestModel(ProgramBuilder.neurons(channels: 2, size: 6, width: 8, steps: 3, seed: 7500).finished())
    let expected = try model.walk(Request(seed: 1), SpikingWay()).states
    var session = try model.session()
    session.isCancelled = { 1 }
    try session.start(Request(seed: 2))
    #expect(throws: DriftError(.cancelled, expected: 2, found: 0)) { try session.step(0) }
    session.isCancelled = nil
    try session.start(Request(seed: 1))
    for step in expected.indices {
      try session.step(step)
      #expect(bits(try model.state(of: session)) == expected[step])
    }
  }

  @Test func `spikes come at a threshold, and the membrane keeps nothing of what is above it`() throws {
    // One neuron whose current is the sample: 0.5 of a threshold of 1.2 fires at the third step, the sixth and so on.
    var b = ProgramBuilder(channels: 1, height: 1, width: 1, groups: 1, spikeSteps: 7, seed: 1)
    let trunk = b.trunk(channels: 1)
    let weight = try #require(b.image.constants.first { $0.kind == DRIFT_CONSTANT_WEIGHTS })
    let scale = try #require(b.image.constants.firstIndex { $0.kind == DRIFT_CONSTANT_FLOATS })
    let factor = 1 / Float(Int8(bitPattern: weight.bytes[0]))
    b.image.constants[scale].bytes = b.bytes(of: abs(factor).bitPattern)
    b.image.constants[scale + 1].bytes = b.bytes(of: Float(0).bitPattern)
    b.body = b.fire(trunk, threshold: 1.2)
    let model = try TestModel(b.finished())
    let sign: Float = factor < 0 ? -1 : 1
    for (x, last) in [(Float(0.5), 0), (1.3, 1), (0.21, 0), (0.171_6, 1), (-3, 0)] {
      _ = try model.evaluate([x * sign], step: 0, kernels: .best)
      let state = model.file.tensors.first { $0.type == DRIFT_TYPE_INT32.rawValue }
      let offset = Int(try #require(state).arena_offset)
      let membrane = model.arena.loadUnaligned(fromByteOffset: offset, as: Int32.self)
      #expect((membrane == 0) == (last == 1), "a current of \(x) leaves \(membrane)")
    }
  }

  @Test func `the longest run of the greatest currents stays within its bounds`() throws {
    // 65 currents of 32767 reach 2^21, 15 times within 1024 steps; 49 are left. Downward nothing ends it.
    for (sign, last) in [(Float(1), Int32(49 * 32767)), (-1, -1024 * 32767)] {
      var b = ProgramBuilder(channels: 1, height: 1, width: 2, groups: 1, spikeSteps: 1024, seed: 3)
      let trunk = b.trunk(channels: 4)
      let bias = try #require(b.image.constants.indices.filter { b.image.constants[$0].kind == DRIFT_CONSTANT_FLOATS }.last)
      b.image.constants[bias].bytes = (0..<4).flatMap { _ in b.bytes(of: (sign * 1000).bitPattern) }
      let unit = b.image.quantization[0][trunk].scale
      b.body = b.fire(trunk, threshold: unit * 0x1p21)
      b = b.finished()
      try OperatorTests().check(b, varies: false, "1024 steps of \(sign)")
      let model = try TestModel(b)
      let membranes = try #require(model.file.tensors.first { $0.type == DRIFT_TYPE_INT32.rawValue })
      for kernels in TestModel.kernelSets {
        _ = try model.evaluate([0.5, -0.5], step: 0, kernels: kernels)
        for value in 0..<8 {
          let offset = Int(membranes.arena_offset) + 4 * value
          #expect(model.arena.loadUnaligned(fromByteOffset: offset, as: Int32.self) == last, "\(kernels.kind), value \(value)")
        }
      }
    }
  }

  private static func noise(_ count: Int, seed: UInt64 = 1) -> [Float] {
    var random = TestRandom(seed)
    return (0..<count).map { _ in random.float(-3...3) }
  }
}
