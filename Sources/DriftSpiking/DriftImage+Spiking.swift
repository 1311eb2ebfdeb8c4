import CDriftFormat
import DriftEmission
import DriftFormat

extension DriftImage {
  /// The same program with neurons: each 8-bit operand of a convolution is sent as events, and the convolution keeps its sums as membranes.
  /// Its bits are those of this image whatever events travel (docs/spiking.md).
  ///
  /// Depthwise convolutions and convolutions with 16-bit operands (those at the network's ends, which see a new value everywhere at each
  /// step) stay as they are, and so does the decoder, which runs once.
  /// - Parameter threshold: changes of at most as many levels are not sent; 0: the result is exact.
  /// - Throws: `SpikingError` for an image with several programs for steps, or with no convolution that could receive events.
  public func spiking(threshold: Int = 0) throws(SpikingError) -> DriftImage {
    let denoisers = programs.filter { $0.role == DRIFT_PROGRAM_DENOISER }
    guard denoisers.count == 1, let denoiser = denoisers.first else { throw .severalPrograms(programs.map(\.name)) }
    var result = self
    result.operators = []
    var neurons: [Int: Neuron] = [:]
    var programs = self.programs
    for (index, program) in self.programs.enumerated() {
      let first = result.operators.count
      for var operation in operators[program.operators] {
        if program.operators == denoiser.operators, let operand = eventOperand(of: operation.record) {
          if neurons[operand] == nil {
            let neuron = result.addNeuron(for: operand)
            neurons[operand] = neuron
            var record = drift_operator(opcode: DRIFT_OP_SEND)
            record.inputs.0 = Int32(operand)
            record.inputs.1 = Int32(neuron.tracer)
            record.output = Int32(neuron.events)
            record.threshold = UInt32(clamping: threshold)
            result.operators.append(.init(name: tensors[operand].name, record: record))
          }
          if let neuron = neurons[operand] { result.addMembranes(to: &operation, behind: neuron) }
        }
        result.operators.append(operation)
      }
      programs[index].operators = first..<result.operators.count
    }
    guard !neurons.isEmpty else { throw .noNeurons }
    result.metadata.append(("target", "spiking"))
    if threshold > 0 { result.metadata.append(("hysteresis", "\(threshold)")) }
    result.programs = programs
    do { try result.planMemory() } catch { throw .emission(error) }
    return result
  }

  /// The tensor whose levels a convolution could receive as events.
  private func eventOperand(of record: drift_operator) -> Int? {
    guard record.opcode == DRIFT_OP_CONVOLUTION.rawValue else { return nil }
    let operand = Int(record.inputs.0)
    return tensors[operand].type == DRIFT_TYPE_INT8 ? operand : nil
  }

  /// A tracer and the list of what it changes by.
  private struct Neuron {
    var tracer: Int
    var events: Int
  }

  private mutating func addNeuron(for operand: Int) -> Neuron {
    let levels = tensors[operand]
    let tracer = add(
      .init(
        name: "\(levels.name).sent", type: DRIFT_TYPE_INT8, flags: Self.state, levels: levels.levels, height: levels.height,
        width: levels.width, channels: levels.channels)
    ) { $0[operand] }
    let events = add(
      .init(
        name: "\(levels.name).events", type: DRIFT_TYPE_EVENTS, height: levels.height, width: levels.width,
        channels: levels.channels)
    ) { _ in Self.one }
    return Neuron(tracer: tracer, events: events)
  }

  private mutating func addMembranes(to operation: inout Operator, behind neuron: Neuron) {
    let output = tensors[Int(operation.record.output)]
    let membranes = add(
      .init(
        name: "\(operation.name).membranes", type: DRIFT_TYPE_INT32, flags: Self.state, height: output.height,
        width: output.width, channels: output.channels)
    ) { _ in Self.one }
    let weights = constants[Int(operation.record.constants.0)]
    constants.append(
      .init(
        name: "\(operation.name).rows", kind: DRIFT_CONSTANT_ROWS, outputs: weights.outputs, taps: weights.taps,
        inputs: weights.inputs,
        bytes: WeightPacking.rows(ofPacked: weights.bytes, outputs: weights.outputs, inputs: weights.inputs, taps: weights.taps)))
    operation.record.inputs.0 = Int32(neuron.tracer)
    operation.record.inputs.2 = Int32(neuron.events)
    operation.record.inputs.3 = Int32(membranes)
    operation.record.constants.4 = Int32(constants.count - 1)
  }

  private static var state: UInt32 { DRIFT_TENSOR_PERSISTENT.rawValue | DRIFT_TENSOR_STATE.rawValue }
  private static var one: drift_quantization { drift_quantization(scale: 1, zero_point: 0) }

  private mutating func add(_ tensor: Tensor, scale: ([drift_quantization]) -> drift_quantization) -> Int {
    tensors.append(tensor)
    for group in quantization.indices { quantization[group].append(scale(quantization[group])) }
    return tensors.count - 1
  }
}
