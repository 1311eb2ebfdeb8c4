import CDriftFormat
import DriftEmission
import DriftGraph

/// Writes an integer program with its scales down as the records of a file.
struct ImageBuilder {
  let program: LoweredProgram
  let scales: ActivationScales
  /// By the name of the weight parameter.
  let weights: [String: QuantizedWeights]
  let stepTable: StepTable
  let stored: StoredValues
  /// The second program of a step cache.
  let cache: CachedProgram?
  /// What makes pictures of the last state.
  let decoder: DecoderProgram?
  var image = DriftImage()
  /// Constants that several operators share, by name.
  private var shared: [String: Int32] = [:]

  static let none = Int32(DRIFT_NONE)

  init(
    program: LoweredProgram, scales: ActivationScales, weights: [String: QuantizedWeights], stepTable: StepTable,
    stored: StoredValues, cache: CachedProgram? = nil, decoder: DecoderProgram? = nil
  ) {
    self.program = cache?.program ?? program
    self.scales = cache?.scales(scales) ?? scales
    self.weights = weights
    self.stepTable = stepTable
    self.stored = stored
    self.cache = cache
    self.decoder = decoder
  }

  /// Builds the image, memory planned.
  /// - Parameter outputScales: factor of the denoiser's answer at each step.
  mutating func build(
    checkpoint: Checkpoint, plan: SamplerPlan, outputScales: [Float], options: ConversionOptions
  ) throws -> DriftImage {
    try writeProgram()
    image.programs = [
      .init(name: "denoiser", operators: 0..<image.operators.count, input: program.input, output: program.output)
    ]
    image.quantization = scales.ranges.map { $0.map { drift_quantization(scale: $0.scale, zero_point: $0.zeroPoint) } }
    image.stepTable = stepTable.values
    addSampler(checkpoint: checkpoint, plan: plan, outputScales: outputScales, options: options)
    if let cache { add(cache) }
    if let decoder { try add(decoder) }
    try image.planMemory()
    return image
  }

  /// The program's tensors, operators and constants.
  mutating func writeProgram() throws(LoweringError) {
    for (index, tensor) in program.tensors.enumerated() { declare(tensor, index: index) }
    for op in program.operators { image.operators.append(.init(name: op.name, record: try record(of: op))) }
  }

  private mutating func declare(_ tensor: LoweredTensor, index: Int) {
    let type: drift_type
    var flags: UInt32 = 0
    switch tensor.representation {
    case .float: type = DRIFT_TYPE_FLOAT32
    case .trunk: type = DRIFT_TYPE_INT16
    case .operand: type = DRIFT_TYPE_INT8
    case .symmetricOperand:
      type = DRIFT_TYPE_INT8
      flags = DRIFT_TENSOR_SYMMETRIC.rawValue
    case .pair: type = DRIFT_TYPE_INT8_PAIR
    case .membrane:
      type = DRIFT_TYPE_INT32
      flags = DRIFT_TENSOR_PERSISTENT.rawValue | DRIFT_TENSOR_STATE.rawValue
    case .sum:
      type = DRIFT_TYPE_FLOAT32
      flags = DRIFT_TENSOR_PERSISTENT.rawValue | DRIFT_TENSOR_STATE.rawValue
    }
    if index == program.input { flags |= DRIFT_TENSOR_PERSISTENT.rawValue }
    image.tensors.append(
      .init(
        name: tensor.name, type: type, flags: flags, levels: tensor.levels?.count, height: tensor.shape.height,
        width: tensor.shape.width, channels: tensor.shape.channels))
  }

  /// Adds a constant once under its name.
  mutating func constant(
    _ name: String, _ kind: drift_constant_kind, outputs: Int, taps: Int = 1, inputs: Int = 1, bytes: @autoclosure () -> [UInt8]
  ) -> Int32 {
    if let index = shared[name] { return index }
    image.constants.append(.init(name: name, kind: kind, outputs: outputs, taps: taps, inputs: inputs, bytes: bytes()))
    let index = Int32(image.constants.count - 1)
    shared[name] = index
    return index
  }
}
