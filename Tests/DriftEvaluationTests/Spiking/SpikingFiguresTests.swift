import DriftEvaluation
import DriftFormat
import DriftRuntime
import DriftTestImages
import Testing

@Suite("Accounting of spiking programs")
struct SpikingFiguresTests {
  private let model: ModelFile

  init() throws { model = try TinyNetwork.spiking() }

  private func figures(_ source: IntegerSource, guidance: Float = 1) throws -> SpikingFigures {
    let measurement = SpikingMeasurement(pictures: 1, seed: 5, guidance: guidance, budget: .zero)
    return try measurement.run(source)
  }

  private var senders: [drift_operator] { model.file.operators.filter { $0.opcode == DRIFT_OP_SEND.rawValue } }
  private var receivers: [drift_operator] { model.file.operators.filter { $0.inputs.3 >= 0 } }

  /// Events in a list: a payload is at most 127 levels.
  private func entries(_ change: Int) -> Int { (abs(change) + 126) / 127 }

  @Test("counts the events and additions that the memory of neurons shows", arguments: [Float(1), 2.5])
  func counts(guidance: Float) throws {
    let found = try figures(IntegerSource(model), guidance: guidance)
    let tracers = try Tracers(model, PictureRequest(seed: 5, classLabel: 0, guidance: guidance))
    let evaluations = guidance == 1 ? 1.0 : 2
    #expect(found.layers.count == 4 && found.convolutions.count == 4)
    for (layer, sender) in zip(found.layers, senders) {
      for step in 0..<TinyNetwork.steps {
        let changed = tracers.changes(of: sender.inputs.1, step: step).count { $0 != 0 }
        let events = layer.byStep[step] * Double(layer.neurons) * evaluations
        #expect(abs(events - Double(changed)) < 1e-6, "\(layer.name), step \(step)")
      }
      #expect(layer.byStep[0] > 0)
    }
    for (convolution, operation) in zip(found.convolutions, receivers) {
      for step in 0..<TinyNetwork.steps {
        let additions = tracers.additions(of: operation, step: step, weight: entries)
        #expect(abs(convolution.byStep[step] * evaluations - Double(additions)) < 1e-6, "\(convolution.name), step \(step)")
      }
    }
    let neurons = found.layers.reduce(0) { $0 + $1.neurons }
    #expect(neurons == 8 * 6 * 3 + 4 * 3 * 5 + 8 * 6 * 16 + 4 * 3 * 4)
    let events = found.layers.reduce(0) { $0 + Double($1.neurons) * $1.eventsPerNeuronPerStep }
    #expect(abs(found.eventsPerNeuronPerStep - events / Double(neurons)) < 1e-9)
    let additions = found.convolutions.reduce(0) { $0 + $1.synapticOperationsPerStep }
    #expect(abs(found.synapticOperationsPerStep - additions) < 1e-6)
    #expect(abs(found.operationsRatio - additions / found.denseMultiplyAddsPerStep) < 1e-12)
    #expect(found.timeSteps == 1 && found.distance == 0)
  }

  @Test("takes as many dense multiply-adds as events would make that every neuron sends")
  func products() throws {
    let found = try figures(IntegerSource(model))
    for (convolution, operation) in zip(found.convolutions, receivers) {
      let input = model.file.tensors[Int(operation.inputs.0)], output = model.file.tensors[Int(operation.output)]
      let taps = Tracers.readers(of: operation, input: input, output: output).reduce(0, +)
      #expect(convolution.denseMultiplyAdds == taps * Int(input.channels) * Int(output.channels), "\(convolution.name)")
    }
    // A 3x3 convolution of 8x6 pixels leaves 2 * 8 + 2 * 6 - 4 border pixels short of taps: (3 * 8 - 2) * (3 * 6 - 2) are left; two planes.
    #expect(found.staysDenseMultiplyAddsPerStep == Double(2 * (3 * 8 - 2) * (3 * 6 - 2) * 4 * 3))
  }

  @Test("counts unit events once each and all of their time steps, however many")
  func ternary() throws {
    let source = try IntegerSource(model)
    source.spiking.events = .ternary
    let found = try figures(source)
    let tracers = try Tracers(model, PictureRequest(seed: 5, classLabel: 0))
    let (first, convolution) = (senders[0], receivers[0])
    for step in 0..<TinyNetwork.steps {
      // What the first neurons follow stands still during an evaluation, so they send each level once.
      let levels = tracers.changes(of: first.inputs.1, step: step).reduce(0) { $0 + abs($1) }
      #expect(abs(found.layers[0].byStep[step] * Double(found.layers[0].neurons) - Double(levels)) < 1e-6)
      let additions = tracers.additions(of: convolution, step: step) { abs($0) }
      #expect(abs(found.convolutions[0].byStep[step] - Double(additions)) < 1e-6)
    }
    let longest = (0..<TinyNetwork.steps).map { tracers.changes(of: first.inputs.1, step: $0).map(abs).max() ?? 0 }
    #expect(found.timeSteps >= Double(longest.reduce(0, +)) / Double(TinyNetwork.steps))
    #expect(found.distance == 0)
  }

  @Test("says how far from rest a capped run stopped, and in the verdict too")
  func capped() throws {
    let source = try IntegerSource(model)
    (source.spiking.events, source.spiking.timeSteps) = (.ternary, 3)
    let found = try figures(source)
    #expect(found.timeSteps == 3)
    #expect(found.distance > 0)
    #expect(abs(found.distancePerNeuron - found.distance / Double(found.layers.reduce(0) { $0 + $1.neurons })) < 1e-9)
    #expect(found.verdict.contains("levels from rest"))
  }

  @Test("shares of dense, gather and scatter add up, and follow the strategy that was asked for")
  func strategies() throws {
    let source = try IntegerSource(model)
    for strategy in [SpikingOptions.Strategy.dense, .gather, .scatter] {
      source.spiking.strategy = strategy
      let found = try figures(source).strategies
      #expect(abs(found.dense + found.gather + found.scatter - 1) < 1e-12)
      // Where lists are too long, any strategy falls back to dense.
      switch strategy {
      case .gather: #expect(found.gather > 0 && found.scatter == 0)
      case .scatter: #expect(found.scatter > 0 && found.gather == 0)
      default: #expect(found.dense == 1)
      }
      #expect(source.spiking.strategy == strategy)
    }
  }

  @Test("names the faster way by the times that it is given, the plain file's if there is one")
  func verdict() throws {
    let record = try IntegerSource(model).recordActivity([PictureRequest(seed: 0)])
    var timing = SpikingTiming()
    // A round that something else disturbed does not count, a first step that takes longer does.
    (timing.spiking, timing.dense) = ([[2, 0.5, 0.5], [9, 9, 0.5], [2, 0.5, 0.5]], [[2, 2, 2], [4, 4, 4], [2, 2, 2]])
    let faster = SpikingFigures(model, record, timing)
    #expect(faster.timeRatio == 0.5 && faster.msPerStep == 1 && faster.denseMsPerStep == 2)
    #expect(faster.verdict.contains("events are the better choice: 1.000 ms per step against 2.000 ms"))
    #expect(faster.verdict.contains("not measurements"))
    timing.against = ("plain.drift", [[0.5], [1], [0.5]])
    let slower = SpikingFigures(model, record, timing)
    #expect(slower.against?.timeRatio == 2)
    #expect(slower.verdict.contains("dense int8 is the better choice: events take 1.000 ms per step against 0.500 ms"))
    timing.against = ("plain.drift", [[1.01], [2.01], [1]])
    #expect(SpikingFigures(model, record, timing).verdict.contains("the same time"))
  }

  @Test("times a plain file of the same model beside it, and refuses others")
  func against() throws {
    let source = try IntegerSource(model), plain = try IntegerSource(TinyNetwork.open(TinyNetwork.image()))
    let measurement = SpikingMeasurement(pictures: 1, seed: 0, budget: .zero)
    let found = try measurement.run(source, against: plain)
    #expect((found.against?.msPerStep ?? 0) > 0 && (found.against?.timeRatio ?? 0) > 0)
    #expect(throws: EvaluationError.self) { try measurement.run(source, against: source) }
    let other = try IntegerSource(TinyNetwork.open(TestImages.minimal()))
    #expect(throws: EvaluationError.self) { try measurement.run(source, against: other) }
    #expect(throws: EvaluationError.self) { try measurement.run(plain) }
  }
}
