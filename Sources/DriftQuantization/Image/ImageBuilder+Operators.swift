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
    case .activate(let layer):
      record.opcode = DRIFT_OP_ACTIVATE.rawValue
      record.inputs.0 = Int32(layer.input)
      if let activation = layer.activation { fill(&record, activation) }
      if let vector = layer.shift { try use(vector, factor: 1, in: &record, name: op.name) }
      if let vector = layer.gate { try useGate(vector, in: &record, name: op.name) }
    case .multiply(let a, let b, let activation):
      record.opcode = DRIFT_OP_MULTIPLY.rawValue
      record.inputs = (Int32(a), Int32(b), Self.none, Self.none)
      if let activation { fill(&record, activation) }
    case .gather(let inputs, let offsets):
      record.opcode = DRIFT_OP_GATHER.rawValue
      record.inputs = (Int32(inputs[0]), inputs.count > 1 ? Int32(inputs[1]) : Self.none, Self.none, Self.none)
      record.constants.0 = constant(
        "\(op.name).offsets", DRIFT_CONSTANT_INDICES, outputs: offsets.count, bytes: ConstantBytes.integers(offsets))
    case .load(let row):
      try fill(&record, row, output: op.output)
    case .nearestCode(let input, let table):
      try fill(&record, codebook: table, input: input, name: op.name)
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
    case .fire(let input, let membrane, let threshold):
      record.opcode = DRIFT_OP_FIRE.rawValue
      record.inputs = (Int32(input), Int32(membrane), Self.none, Self.none)
      record.gain = threshold
    case .decay(let input, let sum, let factor):
      record.opcode = DRIFT_OP_DECAY.rawValue
      record.inputs = (Int32(input), Int32(sum), Self.none, Self.none)
      record.gain = factor
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
    if let vector = layer.gate { try useGate(vector, in: &record, name: name) }
  }

  private mutating func fill(_ record: inout drift_operator, _ row: LoadedRow, output: Int) throws(LoweringError) {
    let tensor = program.tensors[output]
    let wide = tensor.representation == .trunk
    let classes = max(program.graph.classCount, 1)
    let groupOfStep = scales.grouping.groupOfStep
    let bytes = stored.bytes(tensor.node, tensor.shape, levels: tensor.levels) { index in
      scales.ranges[row == .ofStep ? groupOfStep[index / (classes * program.spikeSteps)] : 0][output]
    }
    let count = tensor.shape.pixels * ((tensor.shape.channels + 3) / 4 * 4)
    record.opcode = DRIFT_OP_LOAD.rawValue
    record.inputs.0 = Self.none
    switch row {
    case .fixed: record.mode = DRIFT_LOAD_FIXED.rawValue
    case .ofClass: record.mode = DRIFT_LOAD_CLASS.rawValue
    case .ofStep: record.mode = DRIFT_LOAD_STEP.rawValue
    }
    record.constants.0 = constant(
      "\(tensor.name).values.\(tensor.representation)", DRIFT_CONSTANT_VALUES, outputs: stored.rows[tensor.node]?.count ?? 0,
      taps: wide ? 2 : 1, inputs: count, bytes: bytes)
  }

  private mutating func fill(_ record: inout drift_operator, codebook table: String, input: Int, name: String) throws(LoweringError)
  {
    guard let codes = program.graph.parameters[table] else { throw LoweringError(node: name, problem: "has no table '\(table)'") }
    let greatest = codes.values.reduce(0) { max($0, abs($1)) }
    // Distances are taken in the codes' units: what is looked up must fit them too, or it would be clipped and have another neighbour.
    let widest = scales.ranges.reduce(0) { max($0, $1[input].scale) }
    let scale = max(greatest / 32767, widest, OperandRange.leastScale)
    record.opcode = DRIFT_OP_CODEBOOK.rawValue
    record.inputs.0 = Int32(input)
    record.gain = scale
    var bytes: [UInt8] = []
    for value in codes.values {
      let code = Int16(min(max((value / scale).rounded(.toNearestOrEven), -32767), 32767))
      withUnsafeBytes(of: code.littleEndian) { bytes += $0 }
    }
    record.constants.0 = constant(table, DRIFT_CONSTANT_CODEBOOK, outputs: codes.shape[0], inputs: codes.shape[1], bytes: bytes)
  }

  private mutating func fill(_ record: inout drift_operator, _ layer: LoweredNormalization, name: String) throws(LoweringError) {
    record.opcode = DRIFT_OP_NORMALIZE.rawValue
    record.inputs = (Int32(layer.inputs[0]), layer.inputs.count > 1 ? Int32(layer.inputs[1]) : Self.none, Self.none, Self.none)
    record.groups = UInt32(layer.groups)
    record.epsilon = layer.epsilon
    record.mode = layer.kind.rawValue
    let shape = program.graph[program.tensors[layer.inputs[0]].node].shape
    let channels = layer.inputs.reduce(0) { $0 + program.tensors[$1].shape.channels }
    let isElementwise = [layer.gamma, layer.beta].contains { key in
      key.flatMap { program.graph.parameters[$0] }.map { $0.shape.count == 3 } ?? false
    }
    for (key, isGamma) in [(layer.gamma, true), (layer.beta, false)] {
      var values = [Float](repeating: isGamma ? 1 : 0, count: channels)
      if let key {
        guard let parameter = program.graph.parameters[key] else {
          throw LoweringError(node: name, problem: "has no tensor '\(key)'")
        }
        values = parameter.values
      }
      if isElementwise {
        // Channels fastest, as tensors lie.
        let pixels = shape.pixels
        let full = values.count == channels ? values.flatMap { [Float](repeating: $0, count: pixels) } : values
        values = (0..<pixels).flatMap { pixel in (0..<channels).map { full[$0 * pixels + pixel] } }
      }
      // A value that is held in two ways is normalized twice, each time with constants of its own.
      let held = program.tensors[Int(record.output)].representation
      let index = constant(
        "\(key ?? "\(name).\(isGamma ? "gamma" : "beta")").\(held)", DRIFT_CONSTANT_FLOATS, outputs: values.count,
        bytes: ConstantBytes.floats(values))
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

  private func useGate(_ vector: NodeID, in record: inout drift_operator, name: String) throws(LoweringError) {
    guard let slot = stepTable.slots[vector] else { throw LoweringError(node: name, problem: "has no values in the step table") }
    record.gate_column = Int32(slot.column)
    record.gate_scale = max(slot.scale, OperandRange.leastScale)
  }

  private func use(_ vector: NodeID, factor: Float, in record: inout drift_operator, name: String) throws(LoweringError) {
    guard let slot = stepTable.slots[vector] else { throw LoweringError(node: name, problem: "has no values in the step table") }
    record.step_column = Int32(slot.column)
    record.step_scale = max(slot.scale * factor, OperandRange.leastScale)
  }
}
