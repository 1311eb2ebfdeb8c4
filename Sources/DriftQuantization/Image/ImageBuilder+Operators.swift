import CDriftFormat
import DriftCalibration
import DriftEmission
import DriftGraph

extension ImageBuilder {
  /// The record of an operator.
  mutating func record(of op: LoweredOperator) throws(LoweringError) -> drift_operator {
    var record = drift_operator(opcode: DRIFT_OP_QUANTIZE)
    record.output = Int32(op.output)
    switch op.kind {
    case .quantize(let input):
      record.inputs.0 = Int32(input)
    case .convolution(let convolution):
      try fill(&record, convolution, name: op.name)
    case .normalize(let normalization):
      try fill(&record, normalization, name: op.name)
    case .activate(let input, let activation):
      record.opcode = DRIFT_OP_ACTIVATE.rawValue
      record.inputs.0 = Int32(input)
      fill(&record, activation)
    case .attention(let query, let key, let value, let heads, let factor):
      record.opcode = DRIFT_OP_ATTENTION.rawValue
      record.inputs = (Int32(query), Int32(key), Int32(value), Self.none)
      record.heads = UInt32(heads)
      record.gain = factor
      record.constants.0 = constant(
        "exp", DRIFT_CONSTANT_EXP, outputs: Int(DRIFT_EXP_TABLE_ENTRIES), bytes: ActivationTables.exponential())
    case .add(let a, let b, let gainA, let gainB):
      record.opcode = DRIFT_OP_ADD.rawValue
      record.inputs = (Int32(a), Int32(b), Self.none, Self.none)
      record.gain_a = gainA
      record.gain = gainB
    case .averagePool(let input):
      record.opcode = DRIFT_OP_AVERAGE_POOL.rawValue
      record.inputs.0 = Int32(input)
    case .upsample(let input):
      record.opcode = DRIFT_OP_UPSAMPLE.rawValue
      record.inputs.0 = Int32(input)
    case .concatenate(let a, let b):
      record.opcode = DRIFT_OP_CONCATENATE.rawValue
      record.inputs = (Int32(a), Int32(b), Self.none, Self.none)
    }
    return record
  }

  private mutating func fill(_ record: inout drift_operator, _ layer: LoweredConvolution, name: String) throws(LoweringError) {
    let convolution = layer.convolution
    guard let weights = weights[convolution.weight] else {
      throw LoweringError(node: name, problem: "has no weights '\(convolution.weight)'")
    }
    record.opcode = (layer.isDepthwise ? DRIFT_OP_DEPTHWISE : DRIFT_OP_CONVOLUTION).rawValue
    record.inputs = (Int32(layer.input), layer.residual.map(Int32.init) ?? Self.none, Self.none, Self.none)
    record.kernel_height = UInt32(convolution.kernelHeight)
    record.kernel_width = UInt32(convolution.kernelWidth)
    record.stride = UInt32(convolution.stride)
    record.pad_top = UInt32(convolution.padTop)
    record.pad_left = UInt32(convolution.padLeft)
    record.upsample = layer.upsample.rawValue
    if layer.upsample == .phases { (record.kernel_height, record.kernel_width) = (2, 2) }
    record.gain = layer.residual == nil ? 0 : layer.residualGain
    let outputs = weights.outputs
    record.constants.0 =
      layer.isDepthwise
      ? constant(
        "\(name).weight", DRIFT_CONSTANT_DEPTHWISE, outputs: outputs, taps: weights.taps,
        bytes: WeightPacking.packDepthwise(weights.values, channels: outputs, taps: weights.taps))
      : constant(
        "\(name).weight", DRIFT_CONSTANT_WEIGHTS, outputs: outputs, taps: weights.taps, inputs: weights.inputs,
        bytes: WeightPacking.pack(weights.values, outputs: outputs, inputs: weights.inputs, taps: weights.taps))
    record.constants.1 = constant(
      "\(name).scale", DRIFT_CONSTANT_FLOATS, outputs: outputs,
      bytes: ConstantBytes.floats(weights.scales.map { max($0 * layer.factor, OperandRange.leastScale) }))
    let phases = layer.upsample == .phases ? 4 : 1
    let once = convolution.bias.flatMap { program.graph.parameters[$0]?.values } ?? [Float](repeating: 0, count: outputs / phases)
    let trained = (0..<phases).flatMap { _ in once }
    let bias = zip(trained, weights.biasCorrection).map { ($0 + $1) * layer.factor }
    record.constants.2 = constant("\(name).bias", DRIFT_CONSTANT_FLOATS, outputs: outputs, bytes: ConstantBytes.floats(bias))
    record.constants.3 = constant(
      "\(name).sum", DRIFT_CONSTANT_SUMS, outputs: outputs,
      bytes: ConstantBytes.integers(
        WeightPacking.sums(weights.values, outputs: outputs, inputs: weights.inputs, taps: weights.taps)))
    if let vector = layer.stepVector { try use(vector, factor: layer.factor, in: &record, name: name) }
  }

  private mutating func fill(_ record: inout drift_operator, _ layer: LoweredNormalization, name: String) throws(LoweringError) {
    record.opcode = DRIFT_OP_NORMALIZE.rawValue
    record.inputs = (Int32(layer.inputs[0]), layer.inputs.count > 1 ? Int32(layer.inputs[1]) : Self.none, Self.none, Self.none)
    record.groups = UInt32(layer.groups)
    record.epsilon = layer.epsilon
    for (key, isGamma) in [(layer.gamma, true), (layer.beta, false)] {
      guard let parameter = program.graph.parameters[key] else {
        throw LoweringError(node: name, problem: "has no tensor '\(key)'")
      }
      let index = constant(
        key, DRIFT_CONSTANT_FLOATS, outputs: parameter.values.count, bytes: ConstantBytes.floats(parameter.values))
      if isGamma { record.constants.0 = index } else { record.constants.1 = index }
    }
    if let activation = layer.activation { fill(&record, activation) }
    if let vector = layer.modulation { try use(vector, factor: 1, in: &record, name: name) }
  }

  private mutating func fill(_ record: inout drift_operator, _ activation: Activation) {
    guard activation != .relu else {
      record.activation = DRIFT_ACTIVATION_RELU.rawValue
      return
    }
    if let bump = ActivationTables.bump(activation) {
      record.activation = DRIFT_ACTIVATION_BUMP.rawValue
      record.constants.2 = constant(activation.rawValue, DRIFT_CONSTANT_BUMP, outputs: Int(DRIFT_BUMP_ENTRIES), bytes: bump)
      return
    }
    record.activation = DRIFT_ACTIVATION_TABLE.rawValue
    record.constants.2 = constant(
      activation.rawValue, DRIFT_CONSTANT_ACTIVATION, outputs: Int(DRIFT_ACTIVATION_TABLE_ENTRIES),
      bytes: ActivationTables.activation(activation))
  }

  private func use(_ vector: NodeID, factor: Float, in record: inout drift_operator, name: String) throws(LoweringError) {
    guard let slot = stepTable.slots[vector] else { throw LoweringError(node: name, problem: "has no values in the step table") }
    record.step_column = Int32(slot.column)
    record.step_scale = max(slot.scale * factor, OperandRange.leastScale)
  }
}
