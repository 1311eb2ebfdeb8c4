import CDriftFormat
import DriftEmission
import DriftFormat
import DriftGraph
import DriftImport
import DriftQuantization
import DriftReference
import DriftRuntime
import DriftSpiking
import Foundation
import Testing

/// Networks of spiking neurons as integer programs. A neuron near its threshold decides differently for the least rounding, so what is
/// measured is how many decide alike, layer by layer and step by step, beside the error of the answer.
@Suite struct NeuronConversionTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("DriftImportTests/Fixtures/archives")
  static let names = ["sddpm", "sdm-tsm"]

  private func checkpoint(_ name: String, steps: Int? = nil, factor: Float? = nil) throws -> Checkpoint {
    let settings = [steps.map { "steps=\($0)" }, factor.map { "threshold_factor=\($0)" }].compactMap { $0 }
    return try Checkpoint.load(
      path: Self.folder.appendingPathComponent("\(name).pt").path,
      architecture: ArchitectureOptions(sampleShape: [8, 8], settings: settings))
  }

  private func convert(_ checkpoint: Checkpoint) throws -> (DriftImage, ConversionReport) {
    try Converter(checkpoint: checkpoint, options: ConversionOptions(steps: 3, calibrationSamples: 16, allowsNeurons: true))
      .convert()
  }

  /// Share of neurons that decide as the float network's at the last spiking step, by layer.
  private func agreement(_ checkpoint: Checkpoint) throws -> [String: Double] {
    let (image, _) = try convert(checkpoint)
    let model = try IntegerModel(image)
    let x = IntegerModel.noise(192)
    let membranes = try model.membranes(after: x, step: 1)
    var spikes: [String: [Float]] = [:]
    let denoiser = FloatDenoiser(checkpoint.graph)
    _ = try denoiser.evaluate(x: x, timestep: model.timestep(of: 1)) { id, values in
      let node = checkpoint.graph[id]
      if case .spiking(.integrateAndFire) = node.operation { spikes[node.name] = Array(values) }
    }
    #expect(membranes.count == spikes.count)
    var result: [String: Double] = [:]
    for (name, layer) in membranes {
      let expected = try #require(spikes[name])
      // A membrane is 0 after a spike, and otherwise as good as never.
      result[name] = Double(zip(layer, expected).count { ($0 == 0) == ($1 == 1) }) / Double(expected.count)
    }
    return result
  }

  @Test(arguments: names) func `few neurons decide otherwise than in float`(_ name: String) throws {
    for isRounded in [true, false] {
      for steps in [1, 2, 4] {
        let source = try checkpoint(name, steps: steps)
        let layers = try agreement(isRounded ? source.roundingWeights() : source)
        let mean = layers.values.reduce(0, +) / Double(layers.count), least = layers.values.min() ?? 0
        let (first, stem) = (layers["neuron"] ?? 0, layers["downblocks.0.neuron1"] ?? 0)
        print(
          "\(name), \(isRounded ? "weights of 8 bits" : "as trained"), spiking step \(steps): mean \(mean), least \(least), first \(first), \(stem)"
        )
        // With random weights errors grow from layer to layer and from step to step.
        #expect(mean > 0.8)
        #expect(first > 0.97)
      }
    }
  }

  @Test(arguments: names) func `the answer stays near the float network's`(_ name: String) throws {
    let source = try checkpoint(name)
    // What rounding the weights alone does to the float network: integer programs of 8-bit weights come near it at best.
    let bound = try source.sqnrOfRoundedWeights()
    print("\(name), float, rounded weights: SQNR \(bound) dB")
    for (label, checkpoint) in [("weights of 8 bits", source.roundingWeights()), ("as trained", source)] {
      let (image, report) = try convert(checkpoint)
      let mean = report.validationSQNR.reduce(0, +) / Double(report.validationSQNR.count)
      print("\(name), \(label): SQNR \(mean) dB")
      #expect(mean > bound - 6, "\(report.validationSQNR)")
      #expect(Double(image.model.arena_bytes) <= 1.25 * Double(image.model.arena_lower_bound) + 4096)
      #expect(image.model.spike_steps == (name == "sddpm" ? 4 : 8))
    }
  }

  @Test func `all kernels give the same picture`() throws {
    let (image, _) = try convert(try checkpoint("sdm-tsm", steps: 3))
    let pictures = try KernelSet.Kind.allCases.compactMap { KernelSet($0) }.map {
      try IntegerModel(image, kernels: $0).generate(Request(seed: 5)).picture
    }
    #expect(Set(pictures.map { $0.map(\.bitPattern) }).count == 1)
    #expect(pictures[0].allSatisfy { $0.isFinite })
  }

  @Test(arguments: names) func `events give the bits of the dense program, whichever way they take`(_ name: String) throws {
    let (image, _) = try convert(try checkpoint(name, steps: 3))
    let expected = try IntegerModel(image).generate(Request(seed: 6)).picture.map(\.bitPattern)
    let events = try image.spiking()
    #expect(events.operators.contains { $0.record.opcode == DRIFT_OP_SEND.rawValue })
    for strategy in [SpikingOptions.Strategy.automatic, .dense, .gather, .scatter] {
      for ternary in [false, true] {
        let model = try IntegerModel(events)
        model.session.spiking.strategy = strategy
        model.session.spiking.events = ternary ? .ternary : .graded
        // Twice: what the first picture leaves in tracers and membranes must not matter.
        for _ in 0..<2 {
          #expect(try model.generate(Request(seed: 6)).picture.map(\.bitPattern) == expected, "\(strategy), ternary \(ternary)")
        }
      }
    }
  }

  @Test func `every spike is one event`() throws {
    let (image, _) = try convert(try checkpoint("sddpm"))
    let model = try IntegerModel(try image.spiking()), x = IntegerModel.noise(192)
    let activity = UnsafeMutableBufferPointer<OperatorActivity>.allocate(capacity: model.session.file.operators.count)
    activity.initialize(repeating: OperatorActivity())
    defer { activity.deallocate() }
    model.session.activity = activity
    _ = try model.membranes(after: x, step: 0)
    let (events, neurons) = activity.reduce((0, 0)) { ($0.0 + $1.events, $0.1 + $1.neurons) }
    var spikes = 0
    let source = try checkpoint("sddpm")
    _ = try FloatDenoiser(source.graph).evaluate(x: x, timestep: model.timestep(of: 0)) { id, values in
      if case .spiking(.integrateAndFire) = source.graph[id].operation { spikes += values.count { $0 == 1 } }
    }
    print("sddpm: \(events) events, \(spikes) spikes in float, of \(neurons) neurons times steps")
    #expect(neurons == UInt64(4 * source.graph.spikingNeurons))
    #expect(abs(Double(events) / Double(spikes) - 1) < 0.1)
  }

  @Test func `the factor of the thresholds reaches every layer of neurons`() throws {
    let (image, _) = try convert(try checkpoint("sddpm", factor: 0.997))
    let thresholds = image.operators.filter { $0.record.opcode == DRIFT_OP_FIRE.rawValue }.map(\.record.gain)
    #expect(thresholds.count > 20)
    #expect(thresholds.allSatisfy { $0 == 0.997 })
  }

  @Test func `factors of the steps become rows of the step table`() throws {
    let (image, _) = try convert(try checkpoint("sdm-tsm", steps: 5))
    #expect(image.stepTable.count == 3 * 5 * Int(image.model.step_columns))
    #expect(image.steps.map(\.step_row) == [0, 5, 10])
    let gated = image.operators.filter { $0.record.opcode == DRIFT_OP_CONVOLUTION.rawValue && $0.record.gate_column >= 0 }
    // All but the 3-D convolution of the answer and the copy behind it, which have none.
    let all = image.operators.count { $0.record.opcode == DRIFT_OP_CONVOLUTION.rawValue }
    #expect(gated.count == all - 2)
    let graph = try checkpoint("sdm-tsm", steps: 5).graph
    for op in gated where !op.name.contains(".shortcut") {
      let factors = try #require(graph.parameters["\(op.name).tsmp"], "\(op.name)").values
      for step in 0..<15 {
        let column = step * Int(image.model.step_columns) + Int(op.record.gate_column)
        let found = Float(image.stepTable[column]) * op.record.gate_scale
        #expect(abs(found - factors[step % 5]) < 1e-4)
      }
    }
  }

  @Test func `a factor that nothing can be divided by is refused by name`() throws {
    var source = try checkpoint("sdm-tsm")
    source.graph.parameters["downblocks.0.conv1.tsmp"]?.values[2] = 0
    #expect { try convert(source) } throws: {
      "\($0)".contains("downblocks.0") && "\($0)".contains("factor 0.0")
    }
  }

  @Test func `weights that are no powers of one factor are refused`() throws {
    var d = RandomDenoiser(seed: 12)
    let x = try d.sample(Shape(channels: 1, height: 4, width: 4))
    let h = try d.convolution(try d.append(.spiking(.repeated(steps: 3)), x, name: "repeat"), 4, name: "in")
    let out = try d.convolution(try d.append(.spiking(.integrateAndFire(threshold: 1)), h, name: "fire"), 1, name: "out")
    _ = try d.append(.spiking(.weightedSum([0.5, 0.5, 1])), out, name: "sum_steps")
    #expect { try convert(d.checkpoint()) } throws: { "\($0)".contains("sum_steps") && "\($0)".contains("weight 0.5") }
  }

  @Test func `spikes that something other than a convolution reads are refused`() throws {
    var d = RandomDenoiser(seed: 13)
    let x = try d.sample(Shape(channels: 1, height: 4, width: 4))
    let h = try d.convolution(try d.append(.spiking(.repeated(steps: 2)), x, name: "repeat"), 4, name: "in")
    let spikes = try d.append(.spiking(.integrateAndFire(threshold: 1)), h, name: "blocks.1.fire")
    let sum = try d.append(.scale(2), spikes, name: "scaled")
    _ = try d.append(.spiking(.weightedSum([0.5, 1])), try d.convolution(sum, 1, name: "out"), name: "sum_steps")
    #expect { try convert(d.checkpoint()) } throws: { "\($0)".contains("blocks.1.fire") }
  }

  @Test func `a step cache is refused`() throws {
    let options = ConversionOptions(steps: 4, calibrationSamples: 2, stepCache: .interval(2), allowsNeurons: true)
    let source = try checkpoint("sddpm")
    #expect { try Converter(checkpoint: source, options: options).convert() } throws: {
      "\($0)".contains("spiking neurons")
    }
  }
}

extension IntegerModel {
  /// Standard normal noise.
  static func noise(_ count: Int) -> [Float] {
    var x = [Float](repeating: 0, count: count)
    x.withUnsafeMutableBufferPointer { Noise.fillNormal($0, seed: 77, stream: 0, sample: 0) }
    return x
  }

  func timestep(of step: Int) -> Float { session.file.steps[step].timestep }

  /// What one evaluation leaves in the membranes, channels first, by the name of the neurons.
  func membranes(after x: [Float], step: Int) throws -> [String: [Int32]] {
    var answer = x
    try x.withUnsafeBufferPointer { x in
      try answer.withUnsafeMutableBufferPointer { try session.evaluate(x, step: step, classLabel: -1, into: $0) }
    }
    var result: [String: [Int32]] = [:]
    for tensor in session.file.tensors where tensor.type == DRIFT_TYPE_INT32.rawValue {
      let name = String(decoding: session.file.string(at: tensor.name), as: UTF8.self)
      let (pixels, channels) = (Int(tensor.height * tensor.width), Int(tensor.channels))
      // Each membrane lies where its current does.
      let stride = (channels + 3) / 4 * 4
      result[name] = (0..<channels * pixels).map { index in
        let value = index % pixels * stride + index / pixels
        return arena.loadUnaligned(fromByteOffset: Int(tensor.arena_offset) + 4 * value, as: Int32.self)
      }
    }
    return result
  }
}
