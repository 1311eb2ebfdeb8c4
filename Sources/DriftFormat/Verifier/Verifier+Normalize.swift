import CDriftFormat

extension Verifier {
  /// Types, shapes, groups and constants of a normalization over one or two int16 tensors.
  ///
  /// The 64-bit statistics need no rule: the arena holds less than 2^30 values of int16, so sums of squares stay below 2^60.
  func verifyNormalize(_ operation: drift_operator, _ index: Int) throws(DriftError) {
    let first = input(operation, 0)
    var channels = first.channels
    try verifyInputType(operation, index, 0, .int16)
    try verifyOutputType(operation, index, .int8 | .pair | .int16)
    if operation.inputs.1 != .absent {
      try verifyInputType(operation, index, 1, .int16)
      try verifyInputShape(operation, index, 1, height: first.height, width: first.width, channels: nil)
      channels += input(operation, 1).channels
    }
    try verifyOutputShape(operation, index, height: first.height, width: first.width, channels: channels)
    let most = operation.mode == DRIFT_NORMALIZATION_GROUP.rawValue ? channels : 1
    guard operation.groups >= 1, operation.groups <= most, channels % operation.groups == 0 else {
      throw operatorError(
        .groupsInvalid, index, DRIFT_AT_operator_groups, expected: UInt64(most), found: UInt64(operation.groups))
    }
    guard FormatLimits.epsilons.contains(operation.epsilon) else {
      throw operatorError(
        .epsilonOutOfRange, index, DRIFT_AT_operator_epsilon, expected: UInt64(float: FormatLimits.epsilons.upperBound),
        found: UInt64(float: operation.epsilon))
    }
    try verifyStepColumns(operation, index, count: channels * 2, scales: FormatLimits.modulationStepScales)
    for position in 0..<2 {
      try verifyAffine(operation, index, position, channels)
      try verifyFloats(Int(operation.constant(position)), upTo: FormatLimits.largestAffine)
    }
  }

  /// Gamma and beta hold a value for each channel, or where groups are normalized, for each value of the tensor.
  private func verifyAffine(
    _ operation: drift_operator, _ index: Int, _ position: Int, _ channels: UInt32
  ) throws(DriftError) {
    let found = file.constants[Int(operation.constant(position))].outputs
    let output = output(operation)
    let all = UInt64(channels) * UInt64(output.height) * UInt64(output.width)
    if operation.mode == DRIFT_NORMALIZATION_GROUP.rawValue && UInt64(found) == all { return }
    try verifyConstantOutputs(operation, index, position, channels)
  }
}
