import DriftFormat
import DriftRuntime

extension SpikingFigures {
  /// Figures of what a model's operators did, and how long both ways took.
  public init(_ model: ModelFile, _ record: ActivityRecord, _ timing: SpikingTiming) {
    let file = model.file, program = Self.denoiser(of: file)
    let (evaluations, total) = (Double(max(record.evaluations, 1)), Self.totals(record))
    let senders = program.filter { file.operators[$0].opcode == UInt32(DRIFT_OP_SEND.rawValue) }
    let receivers = program.filter { file.operators[$0].hasMembranes }
    layers = senders.map { Self.layer($0, model, record) }
    convolutions = receivers.map { Self.convolution($0, model, record, total[$0]) }

    let work = SpikingWork(file, program: program, total: total, evaluations: evaluations)
    let neurons = max(work.neurons, 1)
    eventsPerNeuronPerStep = work.events / neurons
    byStep = record.steps.map { step in
      senders.reduce(0) { $0 + Double(step.operators[$1].events) } / (neurons * Double(max(step.evaluations, 1)))
    }
    synapticOperationsPerStep = work.synapticOperations
    denseMultiplyAddsPerStep = work.eventLayerProducts
    operationsRatio = work.synapticOperations / max(work.eventLayerProducts, 1)
    staysDenseMultiplyAddsPerStep = work.denseLayerInt8Products * work.timeSteps
    energy = EnergyTable.all.map(work.energy)
    strategies = StrategyShares(receivers.map { total[$0] })
    timeSteps = work.timeSteps
    fires = file.model.spike_steps > 0
    distance = Double(record.steps.reduce(0) { $0 + $1.distance }) / evaluations
    distancePerNeuron = distance / neurons
    pictures = record.pictures
    let time = SpikingTiming.typical(timing.spiking), dense = SpikingTiming.typical(timing.dense)
    msPerStep = time
    denseMsPerStep = dense
    timeRatio = time / max(dense, .leastNormalMagnitude)
    against = timing.against.map {
      let plain = SpikingTiming.typical($0.rounds)
      return Against(path: $0.path, msPerStep: plain, timeRatio: time / max(plain, .leastNormalMagnitude))
    }
    verdict = ""
    verdict = sentence
  }

  /// Operators that run at steps: those of the one program for steps that a spiking file has.
  private static func denoiser(of file: DriftFile) -> Range<Int> {
    let index = file.programs.indices.first { Int32($0) != file.model.decoder_program } ?? 0
    let first = Int(file.programs[index].first_operator)
    return first..<first + Int(file.programs[index].operator_count)
  }

  private static func totals(_ record: ActivityRecord) -> [OperatorActivity] {
    (record.steps.first?.operators.indices ?? 0..<0).map(record.total)
  }

  private static func layer(_ index: Int, _ model: ModelFile, _ record: ActivityRecord) -> Layer {
    let operation = model.file.operators[index]
    let neurons = model.file.tensors[Int(operation.output)].values
    let byStep = record.steps.map { Double($0.operators[index].events) / Double(max(neurons * $0.evaluations, 1)) }
    return Layer(
      name: model.text(at: operation.name), neurons: neurons,
      eventsPerNeuronPerStep: Double(record.total(index).events) / Double(max(neurons * record.evaluations, 1)), byStep: byStep)
  }

  private static func convolution(
    _ index: Int, _ model: ModelFile, _ record: ActivityRecord, _ total: OperatorActivity
  ) -> Convolution {
    let operation = model.file.operators[index]
    return Convolution(
      name: model.text(at: operation.name),
      synapticOperationsPerStep: Double(total.synapticOperations) / Double(max(record.evaluations, 1)),
      byStep: record.steps.map { Double($0.operators[index].synapticOperations) / Double(max($0.evaluations, 1)) },
      denseMultiplyAdds: OperatorWork.products(of: operation, in: model.file), strategies: StrategyShares([total]))
  }
}

extension SpikingFigures.StrategyShares {
  /// Shares of operators' choices; zeros if there were none.
  init(_ activities: [OperatorActivity]) {
    func sum(_ count: KeyPath<OperatorActivity, UInt64>) -> Double { activities.reduce(0) { $0 + Double($1[keyPath: count]) } }
    let all = max(sum(\.dense) + sum(\.gather) + sum(\.scatter), 1)
    (dense, gather, scatter) = (sum(\.dense) / all, sum(\.gather) / all, sum(\.scatter) / all)
  }
}

extension SpikingWork {
  /// Means over evaluations of what a program's operators did.
  init(_ file: DriftFile, program: Range<Int>, total: [OperatorActivity], evaluations: Double) {
    self.init()
    var sweptNeurons = 0.0
    for index in program {
      let operation = file.operators[index], activity = total[index]
      let products = Double(OperatorWork.products(of: operation, in: file))
      if operation.opcode == UInt32(DRIFT_OP_SEND.rawValue) {
        neurons += Double(file.tensors[Int(operation.output)].values)
        events += Double(activity.events) / evaluations
        sweptNeurons += Double(activity.neurons) / evaluations
      } else if operation.hasMembranes {
        let output = file.tensors[Int(operation.output)]
        membranes += Double(output.values)
        synapticOperations += Double(activity.synapticOperations) / evaluations
        eventReads += Double(activity.synapticOperations) / evaluations / Double(max(output.channels, 1))
        eventLayerProducts += products
      } else {
        denseLayerProducts += products
        denseLayerInt8Products += products * Double(OperatorWork.planes(of: operation, in: file))
      }
    }
    // Each neuron counts once for each sweep.
    timeSteps = neurons > 0 ? sweptNeurons / neurons : 1
  }
}

extension drift_tensor {
  /// Values, without padding channels.
  fileprivate var values: Int { Int(height) * Int(width) * Int(channels) }
}
