import CDriftFormat

/// Operators that keep something from one spiking step to the next, and how many such steps there are.
extension Verifier {
  /// Rules 224 and 392: exactly files that have neurons or sum up their steps have spiking steps.
  func verifySpikingSteps() throws(DriftError) {
    let steps = file.model.spike_steps
    var hasNeurons = false
    for program in file.programs {
      for index in operators(of: program) where file.operators[index].isOfSpikingSteps {
        hasNeurons = true
        guard steps > 0, !isDecoder(program) else {
          throw operatorError(.neuronOutsideSteps, index, DRIFT_AT_operator_opcode, found: UInt64(file.operators[index].opcode))
        }
      }
    }
    guard hasNeurons || steps == 0 else {
      throw modelError(.spikeStepsOutOfRange, DRIFT_AT_model_spike_steps, found: UInt64(steps))
    }
  }

  /// Rule 391: the threshold is a whole number of units of the currents in each step group. With at most `FormatLimits.spikeSteps` steps, a
  /// membrane lies between -2^15 * steps and the threshold plus 2^15: far from the ends of int32. Spikes are stored as -128 and -127 whatever
  /// the output says of itself, so it is not symmetric, which would rule -128 out (368), and its zero point is -128 (292).
  func verifyFire(_ operation: drift_operator, _ index: Int) throws(DriftError) {
    let current = input(operation, 0)
    try verifyInputType(operation, index, 0, .int16)
    try verifyInputType(operation, index, 1, .int32)
    try verifyInputShape(operation, index, 1, height: current.height, width: current.width, channels: current.channels)
    try verifyOutputType(operation, index, .int8)
    guard !output(operation).isSymmetric else {
      throw operatorError(
        .outputTypeMismatch, index, DRIFT_AT_operator_output, found: UInt64(output(operation).flags))
    }
    try verifyOutputShape(operation, index, height: current.height, width: current.width, channels: current.channels)
    for group in 0..<Int(file.model.group_count) {
      let row = group * file.tensors.count
      let zero = file.quantization[row + Int(operation.output)].zero_point
      guard zero == -128 else {
        throw error(
          .zeroPointOutOfRange, DRIFT_SECTION_QUANTIZATION, row + Int(operation.output), DRIFT_AT_quantization_zero_point,
          expected: UInt64(signed: -128), found: UInt64(signed: zero))
      }
      let scale = file.quantization[row + Int(operation.inputs.0)].scale
      guard operation.gain.isUsable, FormatLimits.fireThresholds.contains(operation.gain / scale) else {
        throw operatorError(
          .fireThresholdOutOfRange, index, DRIFT_AT_operator_gain, expected: UInt64(float: scale),
          found: UInt64(float: operation.gain))
      }
    }
  }

  /// Rule 393: earlier answers do not grow from step to step.
  func verifyDecay(_ operation: drift_operator, _ index: Int) throws(DriftError) {
    let answer = input(operation, 0)
    for position in 0..<2 { try verifyInputType(operation, index, position, .float32) }
    try verifyInputShape(operation, index, 1, height: answer.height, width: answer.width, channels: answer.channels)
    try verifyOutputType(operation, index, .float32)
    try verifyOutputShape(operation, index, height: answer.height, width: answer.width, channels: answer.channels)
    guard operation.gain.isUsable(upTo: 1), operation.gain >= 0 else {
      throw operatorError(
        .decayOutOfRange, index, DRIFT_AT_operator_gain, expected: UInt64(float: 1), found: UInt64(float: operation.gain))
    }
  }
}
