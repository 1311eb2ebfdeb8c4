import CDriftFormat

extension Verifier {
  /// Types and shapes of the operators without weights or statistics.
  func verifyElementwise(_ operation: drift_operator, _ index: Int) throws(DriftError) {
    let first = input(operation, 0)
    switch operation.opcode {
    case DRIFT_OP_QUANTIZE.rawValue:
      try verifyInputType(operation, index, 0, .float32 | .int16)
      try verifyOutputType(operation, index, .int8 | .pair)
      try verifyOutputShape(operation, index, height: first.height, width: first.width, channels: first.channels)
    case DRIFT_OP_SEND.rawValue:
      try verifySend(operation, index)
    case DRIFT_OP_ACTIVATE.rawValue:
      try verifyInputType(operation, index, 0, .int16)
      try verifyOutputType(operation, index, .int8 | .pair | .int16)
      try verifyOutputShape(operation, index, height: first.height, width: first.width, channels: first.channels)
      try verifyStepColumns(operation, index, count: first.channels, scales: FormatLimits.biasStepScales)
      try verifyGate(operation, index, count: first.channels)
    case DRIFT_OP_MULTIPLY.rawValue:
      for position in 0..<2 { try verifyInputType(operation, index, position, .int16) }
      try verifyOutputType(operation, index, .int8 | .pair | .int16)
      try verifyInputShape(operation, index, 1, height: first.height, width: first.width, channels: first.channels)
      try verifyOutputShape(operation, index, height: first.height, width: first.width, channels: first.channels)
    case DRIFT_OP_ADD.rawValue:
      try verifyTrunk(operation, index, inputs: 2)
      try verifyInputShape(operation, index, 1, height: first.height, width: first.width, channels: first.channels)
      try verifyOutputShape(operation, index, height: first.height, width: first.width, channels: first.channels)
      try verifyGain(operation.gain_a, index, DRIFT_AT_operator_gain_a)
      try verifyGain(operation.gain, index, DRIFT_AT_operator_gain)
    case DRIFT_OP_AVERAGE_POOL.rawValue:
      try verifyTrunk(operation, index, inputs: 1)
      try verifyOutputShape(operation, index, height: first.height / 2, width: first.width / 2, channels: first.channels)
    case DRIFT_OP_UPSAMPLE.rawValue:
      try verifyTrunk(operation, index, inputs: 1)
      try verifyOutputShape(operation, index, height: first.height * 2, width: first.width * 2, channels: first.channels)
      try verifyEqualScales(operation, index)
    default:
      try verifyTrunk(operation, index, inputs: 2)
      try verifyInputShape(operation, index, 1, height: first.height, width: first.width, channels: nil)
      try verifyOutputShape(
        operation, index, height: first.height, width: first.width, channels: first.channels + input(operation, 1).channels)
    }
  }

  /// All tensors of the operator are int16.
  private func verifyTrunk(_ operation: drift_operator, _ index: Int, inputs: Int) throws(DriftError) {
    for position in 0..<inputs { try verifyInputType(operation, index, position, .int16) }
    try verifyOutputType(operation, index, .int16)
  }

  /// Rule 293: an operator that copies has the same scale on both sides, in every step group.
  private func verifyEqualScales(_ operation: drift_operator, _ index: Int) throws(DriftError) {
    for group in 0..<Int(file.model.group_count) {
      let entry = group * file.tensors.count + Int(operation.output)
      let expected = file.quantization[group * file.tensors.count + Int(operation.inputs.0)].scale
      let found = file.quantization[entry].scale
      guard found == expected else {
        throw error(
          .scalesDiffer, DRIFT_SECTION_QUANTIZATION, entry, DRIFT_AT_quantization_scale, expected: UInt64(float: expected),
          found: UInt64(float: found))
      }
    }
  }
}
