import CDriftFormat

/// The program that turns the last state into the picture.
extension Verifier {
  func isDecoder(_ program: drift_program) -> Bool { program.role == DRIFT_PROGRAM_DECODER.rawValue }

  /// Rules 222 and 223: the picture has the sample's shape unless the last of several programs is a decoder.
  func verifyPicture() throws(DriftError) {
    let model = file.model
    let last = file.programs.count - 1
    let hasDecoder = model.decoder_program != .absent
    guard !hasDecoder || (last >= 1 && Int(model.decoder_program) == last) else {
      throw modelError(
        .decoderProgramInvalid, DRIFT_AT_model_decoder_program, expected: last >= 1 ? UInt64(last) : .max,
        found: UInt64(signed: model.decoder_program))
    }
    try verifyExtent(model.picture_channels, hasDecoder ? nil : model.sample_channels, DRIFT_AT_model_picture_channels)
    try verifyExtent(model.picture_height, hasDecoder ? nil : model.sample_height, DRIFT_AT_model_picture_height)
    try verifyExtent(model.picture_width, hasDecoder ? nil : model.sample_width, DRIFT_AT_model_picture_width)
  }

  @inline(never)
  private func verifyExtent(_ extent: UInt32, _ expected: UInt32?, _ field: Int) throws(DriftError) {
    guard extent >= 1, extent <= FormatLimits.extent, expected == nil || extent == expected else {
      throw modelError(
        .pictureShapeInvalid, field, expected: UInt64(expected ?? FormatLimits.extent), found: UInt64(extent))
    }
  }

  /// Rule 240: the model's decoder, and no other program, is one.
  func verifyRole(of program: drift_program, _ index: Int) throws(DriftError) {
    let expected = Int(file.model.decoder_program) == index ? DRIFT_PROGRAM_DECODER.rawValue : DRIFT_PROGRAM_DENOISER.rawValue
    guard program.role == expected else {
      throw programError(
        .programRoleInvalid, index, DRIFT_AT_program_role, expected: UInt64(expected), found: UInt64(program.role))
    }
  }

  /// Whether a program's output is what its role asks for: a float32 tensor of the sample's shape or, from the decoder, the picture's.
  func isOutput(_ tensor: Int32, of program: drift_program) -> Bool {
    let model = file.model
    return isDecoder(program)
      ? isFloat(tensor, model.picture_height, model.picture_width, model.picture_channels) : isSample(tensor)
  }

  /// Rule 388: the decoder belongs to no step, so it reads no row of the step table.
  func verifyDecoder(_ operation: drift_operator, _ index: Int) throws(DriftError) {
    try verifyAbsent(operation.step_column, index, DRIFT_AT_operator_step_column)
    try verifyAbsent(operation.gate_column, index, DRIFT_AT_operator_gate_column)
    guard operation.opcode != DRIFT_OP_LOAD.rawValue || operation.mode != DRIFT_LOAD_STEP.rawValue else {
      throw operatorError(
        .decoderReadsStep, index, DRIFT_AT_operator_mode, expected: UInt64(DRIFT_LOAD_CLASS.rawValue), found: UInt64(operation.mode)
      )
    }
  }

  private func verifyAbsent(_ column: Int32, _ index: Int, _ field: Int) throws(DriftError) {
    guard column == .absent else {
      throw operatorError(.decoderReadsStep, index, field, expected: .max, found: UInt64(signed: column))
    }
  }

  /// Rule 434: no step runs the decoder.
  func verifyProgram(of step: drift_step, _ index: Int) throws(DriftError) {
    guard Int64(step.program) != Int64(file.model.decoder_program) else {
      throw stepError(
        .stepRunsDecoder, index, DRIFT_AT_step_program, expected: UInt64(file.programs.count - 2), found: UInt64(step.program))
    }
  }
}
