import CDriftFormat

/// State tensors, and the operators that change them.
extension Verifier {
  /// Where the state tensors end, at the arena's start and one behind the other.
  func verifyStatePlaces() throws(DriftError) -> UInt64 {
    var end: UInt64 = 0
    for index in stateTensors {
      let tensor = file.tensors[index]
      guard tensor.arena_offset == end else {
        throw tensorError(.keptTensorMisplaced, index, DRIFT_AT_tensor_arena_offset, expected: end, found: tensor.arena_offset)
      }
      end += tensor.byte_length.roundedUp(to: UInt64(DRIFT_ALIGNMENT))
    }
    return end
  }

  /// Rule 275: state is that of the one denoiser, which runs at every step.
  func verifyStatePrograms() throws(DriftError) {
    let denoisers = file.programs.count - (file.model.decoder_program == .absent ? 0 : 1)
    guard stateTensors.isEmpty || denoisers == 1 else {
      throw programError(.stateProgramsTooMany, 1, 0, expected: 1, found: UInt64(denoisers))
    }
  }

  /// Whether an operator may have a state tensor as the input at a position.
  func mayReadState(_ operation: drift_operator, _ position: Int) -> Bool {
    position == operation.statePosition || operation.hasMembranes && position == 0
  }

  /// Rule 274: each operator's state is the next one of the file, so that each state tensor has exactly one owner. A decoder, which runs
  /// once, has none.
  func verifyState(
    of operation: drift_operator, _ index: Int, _ program: drift_program, _ next: inout Int
  ) throws(DriftError) {
    let position = operation.statePosition
    guard position >= 0 else { return }
    let found = operation.input(position)
    guard Int(found) == next, next < persistentCount, !isDecoder(program) else {
      throw operatorError(
        .stateOwnerInvalid, index, DRIFT_AT_operator_inputs + position * 4, expected: UInt64(next), found: UInt64(signed: found))
    }
    next += 1
  }

  /// A tracer is like the levels that it follows; the events fit both. Rule 390: the threshold leaves something to send.
  func verifySend(_ operation: drift_operator, _ index: Int) throws(DriftError) {
    let levels = input(operation, 0)
    try verifyInputType(operation, index, 0, .int8)
    try verifyInputType(operation, index, 1, .int8)
    try verifyInputShape(operation, index, 1, height: levels.height, width: levels.width, channels: levels.channels)
    try verifyOutputType(operation, index, .events)
    try verifyOutputShape(operation, index, height: levels.height, width: levels.width, channels: levels.channels)
    let found = input(operation, 1).levels
    guard found == levels.levels else {
      throw operatorError(
        .inputTypeMismatch, index, DRIFT_AT_operator_inputs + 4, expected: UInt64(levels.levels), found: UInt64(found))
    }
    guard operation.threshold < levels.levels else {
      throw operatorError(
        .thresholdOutOfRange, index, DRIFT_AT_operator_threshold, expected: UInt64(levels.levels) - 1,
        found: UInt64(operation.threshold))
    }
    for group in 0..<Int(file.model.group_count) {
      let row = group * file.tensors.count
      let (expected, found) = (file.quantization[row + Int(operation.inputs.0)], file.quantization[row + Int(operation.inputs.1)])
      let entry = row + Int(operation.inputs.1)
      guard found.scale == expected.scale else {
        throw error(
          .scalesDiffer, DRIFT_SECTION_QUANTIZATION, entry, DRIFT_AT_quantization_scale, expected: UInt64(float: expected.scale),
          found: UInt64(float: found.scale))
      }
      guard found.zero_point == expected.zero_point else {
        throw error(
          .scalesDiffer, DRIFT_SECTION_QUANTIZATION, entry, DRIFT_AT_quantization_zero_point,
          expected: UInt64(signed: expected.zero_point), found: UInt64(signed: found.zero_point))
      }
    }
  }

  /// Rules 389 and 337: a convolution with membranes reads a tracer and the events of the operator that changes it; membranes have the
  /// output's shape, and rows are its weights once more. Membranes cannot overflow: they are sums that rule 329 bounds, over tracers that
  /// hold any int8.
  func verifyMembranes(_ operation: drift_operator, _ index: Int) throws(DriftError) {
    let events = Int(operation.inputs.2), field = DRIFT_AT_operator_inputs + 2 * 4
    guard operation.hasMembranes, operation.inputs.2 != .absent else {
      throw operatorError(.eventsInvalid, index, field, found: UInt64(signed: operation.inputs.2))
    }
    try verifyInputType(operation, index, 2, .events)
    let isSent = file.operators[events - persistentCount].opcode == DRIFT_OP_SEND.rawValue
    guard isSent, file.operators[events - persistentCount].inputs.1 == operation.inputs.0 else {
      throw operatorError(
        .eventsInvalid, index, field, expected: UInt64(signed: operation.inputs.0), found: UInt64(signed: operation.inputs.2))
    }
    let output = output(operation)
    try verifyInputType(operation, index, 3, .int32)
    try verifyInputShape(operation, index, 3, height: output.height, width: output.width, channels: output.channels)

    let (weights, rows) = (file.constants[Int(operation.constants.0)], file.constants[Int(operation.constants.4)])
    let rowsField = DRIFT_AT_operator_constants + 4 * 4
    guard rows.inputs == weights.inputs, rows.taps == weights.taps, rows.outputs == weights.outputs else {
      throw operatorError(
        .constantShapeMismatch, index, rowsField, expected: UInt64(weights.inputs), found: UInt64(rows.inputs))
    }
    var report = drift_weights_report()
    let verdict = drift_rows_verify(
      file.data(of: Int(operation.constants.4)).assumingMemoryBound(to: Int8.self),
      file.data(of: Int(operation.constants.0)).assumingMemoryBound(to: Int8.self), weights.outputs, weights.taps, weights.inputs,
      &report)
    guard verdict == DRIFT_WEIGHTS_VALID else {
      throw dataError(
        .rowsMismatch, rows.offset + report.position, expected: UInt64(bitPattern: report.expected),
        found: UInt64(bitPattern: report.found))
    }
  }
}
