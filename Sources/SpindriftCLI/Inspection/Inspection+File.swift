import DriftEvaluation
import DriftFormat
import DriftRuntime

extension Inspection {
  /// Reads everything there is to say from a verified file.
  init(_ model: ModelFile) {
    let file = model.file
    let record = file.model
    path = model.path
    version =
      "\(UInt16(littleEndian: file.bytes.loadUnaligned(fromByteOffset: 12, as: UInt16.self)))"
      + ".\(UInt16(littleEndian: file.bytes.loadUnaligned(fromByteOffset: 14, as: UInt16.self)))"
    fileBytes = file.bytes.count
    sampleShape = [Int(record.sample_channels), Int(record.sample_height), Int(record.sample_width)]
    pictureShape = [Int(record.picture_channels), Int(record.picture_height), Int(record.picture_width)]
    dataRange = [record.data_low, record.data_high]
    classCount = Int(record.class_count)
    nullClass = record.null_class >= 0 ? Int(record.null_class) : nil
    prediction = Names.prediction(record.prediction)
    clippedEpsilon = record.flags & UInt32(DRIFT_MODEL_ALWAYS_CLIPPED_EPSILON.rawValue) != 0
    arenaBytes = record.arena_bytes
    arenaLowerBoundBytes = record.arena_lower_bound
    threadBytes = ThreadMemory.bytes(for: record)
    keptBytes = record.kept_bytes
    maxThreads = Int(record.max_threads)
    steps = file.steps.count
    stepGroups = Int(record.group_count)
    spikeSteps = record.spike_steps > 0 ? Int(record.spike_steps) : nil
    stepTableBytes = file.stepTable.count * MemoryLayout<Int16>.stride
    timesteps = file.steps.map(\.timestep)
    groupRanges = Self.groupRanges(file)
    guidance = nullClass == nil ? [] : file.steps.map { Self.guidance(GuidanceRow($0)) }
    guidedEvaluationsPerPicture = nullClass.map { _ in model.evaluations(guidance: 2) }
    let uses = ProgramUse.all(of: model)
    programs = file.programs.enumerated().map { index, program in
      let first = Int(program.first_operator)
      return Program(
        name: model.text(at: program.name), role: Int(record.decoder_program) == index ? "decoder" : "denoiser",
        inputTensor: Int(program.input_tensor), outputTensor: Int(program.output_tensor),
        steps: uses[index].steps, multiplyAdds: uses[index].multiplyAdds,
        operators: (first..<first + Int(program.operator_count)).map { Self.operation(file.operators[$0], model) })
    }
    stepPrograms = file.steps.map { Int($0.program) }
    multiplyAddsPerStep = Int(uses.multiplyAddsPerStep.rounded())
    tensors = file.tensors.indices.map { Self.tensor($0, model) }
    constants = file.constants.map { Self.constant($0, model) }
    metadata = Dictionary(model.metadata.map { ($0.key, $0.value) }) { first, _ in first }
  }

  private static func groupRanges(_ file: DriftFile) -> [StepGroup] {
    var ranges: [StepGroup] = []
    for (step, row) in file.steps.enumerated() {
      if let last = ranges.last, last.group == Int(row.group) {
        ranges[ranges.count - 1].lastStep = step
      } else {
        ranges.append(StepGroup(group: Int(row.group), firstStep: step, lastStep: step))
      }
    }
    return ranges
  }

  private static func operation(_ record: drift_operator, _ model: ModelFile) -> Operator {
    let inputs = [record.inputs.0, record.inputs.1, record.inputs.2, record.inputs.3].filter { $0 >= 0 }.map(Int.init)
    let constants = (0..<Int(DRIFT_MAX_CONSTANTS)).map { record.constant($0) }.filter { $0 >= 0 }.map(
      Int.init)
    let isFull = record.opcode == UInt32(DRIFT_OP_CONVOLUTION.rawValue)
    let isConvolution = isFull || record.opcode == UInt32(DRIFT_OP_DEPTHWISE.rawValue)
    let activates = [DRIFT_OP_NORMALIZE, DRIFT_OP_ACTIVATE, DRIFT_OP_MULTIPLY].contains { UInt32($0.rawValue) == record.opcode }
    return Operator(
      name: model.text(at: record.name), opcode: Names.opcode(record.opcode), inputs: inputs, output: Int(record.output),
      residual: isFull && record.inputs.1 >= 0 ? Int(record.inputs.1) : nil,
      state: record.statePosition >= 0 ? Int(record.input(record.statePosition)) : nil, constants: constants,
      kernel: isConvolution ? [Int(record.kernel_height), Int(record.kernel_width)] : nil,
      stride: isConvolution ? Int(record.stride) : nil, upsample: isFull ? Names.upsample(record.upsample) : nil,
      activation: activates ? Names.activation(record.activation) : nil, groups: record.groups > 0 ? Int(record.groups) : nil,
      heads: record.heads > 0 ? Int(record.heads) : nil,
      threshold: record.opcode == UInt32(DRIFT_OP_FIRE.rawValue) ? record.gain : nil,
      hysteresis: record.opcode == UInt32(DRIFT_OP_SEND.rawValue) ? Int(record.threshold) : nil,
      stepColumn: record.step_column >= 0 ? Int(record.step_column) : nil,
      gateColumn: record.gate_column >= 0 ? Int(record.gate_column) : nil, mode: Names.mode(record.mode, of: record.opcode),
      scratchBytes: record.scratch_bytes, multiplyAdds: OperatorWork.multiplyAdds(of: record, in: model.file),
      bytesMoved: OperatorWork.bytesMoved(by: record, in: model.file))
  }

  private static func tensor(_ index: Int, _ model: ModelFile) -> Tensor {
    let file = model.file
    let record = file.tensors[index]
    let quantization = (0..<Int(file.model.group_count)).map { file.quantization(ofGroup: $0)[index] }
    return Tensor(
      name: model.text(at: record.name), type: Names.type(record.type),
      shape: [Int(record.channels), Int(record.height), Int(record.width)], arenaOffset: record.arena_offset,
      byteLength: record.byte_length, isPersistent: record.flags & UInt32(DRIFT_TENSOR_PERSISTENT.rawValue) != 0,
      isKept: record.flags & UInt32(DRIFT_TENSOR_KEPT.rawValue) != 0,
      levels: record.type == UInt32(DRIFT_TYPE_INT8.rawValue) ? Int(record.levels) : nil,
      scales: quantization.map(\.scale), zeroPoints: quantization.map(\.zero_point))
  }

  private static func constant(_ record: drift_constant, _ model: ModelFile) -> Constant {
    let isWeights = [DRIFT_CONSTANT_WEIGHTS, DRIFT_CONSTANT_DEPTHWISE].contains { UInt32($0.rawValue) == record.kind }
    let isTable = [DRIFT_CONSTANT_VALUES, DRIFT_CONSTANT_CODEBOOK].contains { UInt32($0.rawValue) == record.kind }
    return Constant(
      name: model.text(at: record.name), kind: Names.constant(record.kind),
      shape: isWeights
        ? [Int(record.outputs), Int(record.taps), Int(record.inputs)]
        : [Int(record.outputs)] + (isTable ? [Int(record.inputs)] : []), bytes: record.length)
  }
}
