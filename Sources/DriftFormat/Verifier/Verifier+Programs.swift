import CDriftFormat

extension Verifier {
  /// Rules 240 to 243: programs share out the operators, one behind the other; each turns the state into an answer or the picture.
  func verifyPrograms() throws(DriftError) {
    var next: UInt64 = 0
    let count = UInt64(file.operators.count)
    for index in 0..<file.programs.count {
      let program = file.programs[index]
      try verifyString(program.name, DRIFT_SECTION_PROGRAMS, index, DRIFT_AT_program_name)
      try verifyRole(of: program, index)
      guard UInt64(program.first_operator) == next else {
        throw programError(
          .programRangeInvalid, index, DRIFT_AT_program_first_operator, expected: next, found: UInt64(program.first_operator))
      }
      guard program.operator_count >= 1, UInt64(program.operator_count) <= count - next else {
        throw programError(
          .programRangeInvalid, index, DRIFT_AT_program_operator_count, expected: count - next,
          found: UInt64(program.operator_count))
      }
      next += UInt64(program.operator_count)

      guard program.input_tensor == file.model.state_tensor else {
        throw programError(
          .programInputInvalid, index, DRIFT_AT_program_input_tensor, expected: UInt64(signed: file.model.state_tensor),
          found: UInt64(signed: program.input_tensor))
      }
      let written = outputs(of: program)
      guard isOutput(program.output_tensor, of: program), written.contains(Int(program.output_tensor)),
        index > 0 || program.output_tensor == file.model.output_tensor
      else {
        throw programError(
          .programOutputInvalid, index, DRIFT_AT_program_output_tensor, expected: UInt64(signed: file.model.output_tensor),
          found: UInt64(signed: program.output_tensor))
      }
    }
    guard next == count else {
      throw programError(
        .programRangeInvalid, file.programs.count - 1, DRIFT_AT_program_operator_count, expected: count, found: next)
    }
  }

  func programError(
    _ code: DriftErrorCode, _ index: Int, _ field: Int, expected: UInt64 = 0, found: UInt64
  ) -> DriftError {
    error(code, DRIFT_SECTION_PROGRAMS, index, field, expected: expected, found: found)
  }

  /// The operators of a program whose range is known to be valid.
  func operators(of program: drift_program) -> Range<Int> {
    let first = Int(program.first_operator)
    return first..<first + Int(program.operator_count)
  }

  /// The tensors that a program's operators write: tensors and operators stand in the same order.
  func outputs(of program: drift_program) -> Range<Int> {
    let operators = operators(of: program)
    return persistentCount + operators.lowerBound..<persistentCount + operators.upperBound
  }
}
