import CDriftFormat

extension Verifier {
  /// Types, shapes and integer bounds of an attention: queries of one picture, keys and values of the same or another.
  ///
  /// Logits need no rule of their own: with at most 65535 channels a difference of two is at most 2 * 65535 * 127 * 127 < 2^31.
  func verifyAttention(_ operation: drift_operator, _ index: Int) throws(DriftError) {
    let query = input(operation, 0)
    for position in 0..<3 {
      try verifyInputType(operation, index, position, .int8)
      guard input(operation, position).isSymmetric else {
        throw operatorError(
          .inputTypeMismatch, index, DRIFT_AT_operator_inputs + position * 4, expected: UInt64(DRIFT_TENSOR_SYMMETRIC.rawValue),
          found: UInt64(input(operation, position).flags))
      }
    }
    let (key, value) = (input(operation, 1), input(operation, 2))
    try verifyInputShape(operation, index, 1, height: key.height, width: key.width, channels: query.channels)
    try verifyInputShape(operation, index, 2, height: key.height, width: key.width, channels: nil)
    try verifyOutputType(operation, index, .int8)
    try verifyOutputShape(operation, index, height: query.height, width: query.width, channels: value.channels)
    for channels in 0..<2 {
      let channels = channels == 0 ? query.channels : value.channels
      guard operation.heads >= 1, operation.heads <= channels, channels % operation.heads == 0 else {
        throw operatorError(
          .headsInvalid, index, DRIFT_AT_operator_heads, expected: UInt64(channels), found: UInt64(operation.heads))
      }
    }
    let tokens = UInt64(key.height) * UInt64(key.width)
    guard tokens <= FormatLimits.tokens else {
      throw operatorError(.attentionTooLong, index, DRIFT_AT_operator_inputs + 4, expected: FormatLimits.tokens, found: tokens)
    }
    guard FormatLimits.attentionGains.contains(operation.gain) else {
      throw operatorError(
        .gainOutOfRange, index, DRIFT_AT_operator_gain, expected: UInt64(float: FormatLimits.attentionGains.upperBound),
        found: UInt64(float: operation.gain))
    }
  }
}
