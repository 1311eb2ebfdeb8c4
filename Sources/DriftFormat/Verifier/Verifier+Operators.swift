import CDriftFormat

extension Verifier {
  /// Rules 325 to 329, 334 to 337 and 360 to 393: each operator, with its tensors and constants.
  func verifyOperators() throws(DriftError) {
    var constants = ConstantOrder()
    var nextState = stateTensors.lowerBound
    for program in file.programs {
      constants.beginProgram()
      for index in operators(of: program) {
        let operation = file.operators[index]
        guard let usage = OperatorUsage(of: operation) else {
          throw operatorError(.opcodeUnknown, index, DRIFT_AT_operator_opcode, found: UInt64(operation.opcode))
        }
        try verifyRecord(operation, index, usage)
        if isDecoder(program) { try verifyDecoder(operation, index) }
        try verifyTensors(of: operation, index, usage, program)
        try verifyConstants(of: operation, index, usage, program, &constants)
        try verifyState(of: operation, index, program, &nextState)
        switch operation.opcode {
        case DRIFT_OP_CONVOLUTION.rawValue: try verifyConvolution(operation, index)
        case DRIFT_OP_DEPTHWISE.rawValue: try verifyDepthwise(operation, index)
        case DRIFT_OP_NORMALIZE.rawValue: try verifyNormalize(operation, index)
        case DRIFT_OP_ATTENTION.rawValue: try verifyAttention(operation, index)
        case DRIFT_OP_LOAD.rawValue: try verifyLoad(operation, index)
        case DRIFT_OP_GATHER.rawValue: try verifyGather(operation, index)
        case DRIFT_OP_CODEBOOK.rawValue: try verifyCodebook(operation, index)
        case DRIFT_OP_FIRE.rawValue: try verifyFire(operation, index)
        case DRIFT_OP_DECAY.rawValue: try verifyDecay(operation, index)
        default: try verifyElementwise(operation, index)
        }
      }
    }
    guard nextState == persistentCount else {
      throw tensorError(
        .stateOwnerInvalid, nextState, DRIFT_AT_tensor_flags, expected: UInt64(nextState), found: UInt64(persistentCount))
    }
    guard constants.next == file.constants.count else {
      throw constantError(
        .constantOrderInvalid, constants.next, 0, expected: UInt64(constants.next), found: UInt64(file.constants.count))
    }
  }

  /// An error at a field of an operator.
  func operatorError(_ code: DriftErrorCode, _ index: Int, _ field: Int, expected: UInt64 = 0, found: UInt64) -> DriftError {
    error(code, DRIFT_SECTION_OPERATORS, index, field, expected: expected, found: found)
  }

  private func verifyRecord(_ operation: drift_operator, _ index: Int, _ usage: OperatorUsage) throws(DriftError) {
    try verifyString(operation.name, DRIFT_SECTION_OPERATORS, index, DRIFT_AT_operator_name)
    let fields = usage.fields
    guard operation.mode <= fields.mode else {
      throw operatorError(
        .operatorModeUnknown, index, DRIFT_AT_operator_mode, expected: UInt64(fields.mode), found: UInt64(operation.mode))
    }
    if !fields.kernel {
      try verifyUnused(operation.kernel_height, index, DRIFT_AT_operator_kernel_height)
      try verifyUnused(operation.kernel_width, index, DRIFT_AT_operator_kernel_width)
      try verifyUnused(operation.stride, index, DRIFT_AT_operator_stride)
      try verifyUnused(operation.pad_top, index, DRIFT_AT_operator_pad_top)
      try verifyUnused(operation.pad_left, index, DRIFT_AT_operator_pad_left)
    }
    if !fields.upsample { try verifyUnused(operation.upsample, index, DRIFT_AT_operator_upsample) }
    if !fields.activation { try verifyUnused(operation.activation, index, DRIFT_AT_operator_activation) }
    if !fields.groups { try verifyUnused(operation.groups, index, DRIFT_AT_operator_groups) }
    if !fields.heads { try verifyUnused(operation.heads, index, DRIFT_AT_operator_heads) }
    if !fields.epsilon { try verifyUnused(operation.epsilon.bitPattern, index, DRIFT_AT_operator_epsilon) }
    if !fields.gain { try verifyUnused(operation.gain.bitPattern, index, DRIFT_AT_operator_gain) }
    if !fields.gainA { try verifyUnused(operation.gain_a.bitPattern, index, DRIFT_AT_operator_gain_a) }
    if !fields.threshold { try verifyUnused(operation.threshold, index, DRIFT_AT_operator_threshold) }
    if !fields.step, operation.step_column != .absent {
      throw operatorError(
        .operatorFieldUnused, index, DRIFT_AT_operator_step_column, expected: .max, found: UInt64(signed: operation.step_column))
    }
    if operation.step_column == .absent {
      try verifyUnused(operation.step_scale.bitPattern, index, DRIFT_AT_operator_step_scale)
    }
    if !fields.gate, operation.gate_column != .absent {
      throw operatorError(
        .operatorFieldUnused, index, DRIFT_AT_operator_gate_column, expected: .max, found: UInt64(signed: operation.gate_column))
    }
    if operation.gate_column == .absent {
      try verifyUnused(operation.gate_scale.bitPattern, index, DRIFT_AT_operator_gate_scale)
    }
    guard operation.activation <= DRIFT_ACTIVATION_BUMP.rawValue else {
      throw operatorError(
        .activationUnknown, index, DRIFT_AT_operator_activation, expected: UInt64(DRIFT_ACTIVATION_BUMP.rawValue),
        found: UInt64(operation.activation))
    }
  }

  private func verifyUnused(_ value: UInt32, _ index: Int, _ field: Int) throws(DriftError) {
    guard value == 0 else { throw operatorError(.operatorFieldUnused, index, field, found: UInt64(value)) }
  }

  /// Inputs are the program's input, outputs of its earlier operators, or kept tensors of an earlier program; operator i writes the i-th tensor after the persistent ones. So
  /// every tensor is written once, before it is read.
  private func verifyTensors(
    of operation: drift_operator, _ index: Int, _ usage: OperatorUsage, _ program: drift_program
  ) throws(DriftError) {
    let output = persistentCount + index
    guard Int(operation.output) == output else {
      throw operatorError(
        .operatorOutputInvalid, index, DRIFT_AT_operator_output, expected: UInt64(output), found: UInt64(signed: operation.output))
    }
    let readable = outputs(of: program).lowerBound..<output
    for position in 0..<Int(DRIFT_MAX_INPUTS) {
      let input = operation.input(position)
      let field = DRIFT_AT_operator_inputs + position * 4
      if input == .absent {
        guard position >= usage.inputs else {
          throw operatorError(.operatorInputMissing, index, field, found: UInt64(signed: input))
        }
        continue
      }
      guard position < usage.inputs + usage.optionalInputs else {
        throw operatorError(.operatorFieldUnused, index, field, expected: .max, found: UInt64(signed: input))
      }
      if input >= 0, Int(input) < persistentCount, file.tensors[Int(input)].isState, mayReadState(operation, position) { continue }
      let isEarlier = input >= 0 && Int(input) < readable.lowerBound && !isDecoder(program)
      guard input == program.input_tensor || readable.contains(Int(input)) || (isEarlier && isKept(Int(input))) else {
        throw operatorError(.operatorInputInvalid, index, field, expected: UInt64(output), found: UInt64(signed: input))
      }
    }
  }

  /// Constants stand in the order in which operators first use them. Only tables may be used again at will; what else programs share is
  /// bounded (`ConstantOrder`), so that the work of checking it is bounded by its size.
  private func verifyConstants(
    of operation: drift_operator, _ index: Int, _ usage: OperatorUsage, _ program: drift_program, _ order: inout ConstantOrder
  ) throws(DriftError) {
    for position in 0..<Int(DRIFT_MAX_CONSTANTS) {
      let constant = operation.constant(position)
      let field = DRIFT_AT_operator_constants + position * 4
      guard usage.constants & (1 &<< UInt32(position)) != 0 else {
        guard constant == .absent else {
          throw operatorError(.operatorFieldUnused, index, field, expected: .max, found: UInt64(signed: constant))
        }
        continue
      }
      guard constant >= 0, Int(constant) < file.constants.count else {
        throw operatorError(
          .operatorConstantInvalid, index, field, expected: UInt64(file.constants.count), found: UInt64(signed: constant))
      }
      let expected = Self.constantKind(of: operation, position).rawValue
      let kind = file.constants[Int(constant)].kind
      guard kind == expected else {
        throw operatorError(.constantKindMismatch, index, field, expected: UInt64(expected), found: UInt64(kind))
      }
      let isTable =
        kind == DRIFT_CONSTANT_ACTIVATION.rawValue || kind == DRIFT_CONSTANT_EXP.rawValue || kind == DRIFT_CONSTANT_BUMP.rawValue
      switch order.use(Int(constant), isTable: isTable, isShareable: hasKeptTensors && !isDecoder(program)) {
      case .allowed: break
      case .outOfOrder:
        throw operatorError(.constantOrderInvalid, index, field, expected: UInt64(order.next), found: UInt64(signed: constant))
      case .sharedOutOfOrder:
        throw operatorError(.sharedConstantInvalid, index, field, expected: UInt64(order.shared), found: UInt64(signed: constant))
      }
    }
  }

  private static func constantKind(of operation: drift_operator, _ position: Int) -> drift_constant_kind {
    switch (operation.opcode, position) {
    case (DRIFT_OP_CONVOLUTION.rawValue, 0): DRIFT_CONSTANT_WEIGHTS
    case (DRIFT_OP_DEPTHWISE.rawValue, 0): DRIFT_CONSTANT_DEPTHWISE
    case (DRIFT_OP_CONVOLUTION.rawValue, 3), (DRIFT_OP_DEPTHWISE.rawValue, 3): DRIFT_CONSTANT_SUMS
    case (DRIFT_OP_CONVOLUTION.rawValue, 4): DRIFT_CONSTANT_ROWS
    case (DRIFT_OP_ATTENTION.rawValue, _): DRIFT_CONSTANT_EXP
    case (DRIFT_OP_LOAD.rawValue, _): DRIFT_CONSTANT_VALUES
    case (DRIFT_OP_GATHER.rawValue, _): DRIFT_CONSTANT_INDICES
    case (DRIFT_OP_CODEBOOK.rawValue, _): DRIFT_CONSTANT_CODEBOOK
    case (DRIFT_OP_CONVOLUTION.rawValue, _), (DRIFT_OP_DEPTHWISE.rawValue, _): DRIFT_CONSTANT_FLOATS
    case (_, 2): operation.activation == DRIFT_ACTIVATION_BUMP.rawValue ? DRIFT_CONSTANT_BUMP : DRIFT_CONSTANT_ACTIVATION
    default: DRIFT_CONSTANT_FLOATS
    }
  }
}
