import CDriftFormat

extension Verifier {
  /// Types, shape arithmetic and constants of a depthwise convolution. Its accumulators cannot overflow (docs/format.md).
  func verifyDepthwise(_ operation: drift_operator, _ index: Int) throws(DriftError) {
    let input = input(operation, 0)
    let output = output(operation)
    try verifyInputType(operation, index, 0, .int8)
    try verifyOutputType(operation, index, .int8 | .int16)
    try verifyWindow(operation, index)
    try verifyReach(operation, index, input, output)
    guard output.channels == input.channels else {
      throw outputShapeError(index, expected: input.channels, found: output.channels)
    }
    try verifyStepColumns(operation, index, count: output.channels, scales: FormatLimits.biasStepScales)
    try verifyGate(operation, index, count: output.channels)
    for position in 0..<4 { try verifyConstantOutputs(operation, index, position, output.channels) }
    let weights = Int(operation.constants.0)
    let taps = operation.kernel_height * operation.kernel_width
    guard file.constants[weights].taps == taps else {
      throw operatorError(
        .constantShapeMismatch, index, DRIFT_AT_operator_constants, expected: UInt64(taps),
        found: UInt64(file.constants[weights].taps))
    }
    try verifyScales(Int(operation.constants.1))
    try verifyFloats(Int(operation.constants.2), upTo: FormatLimits.largestCoefficient)
    try verifyWeights(weights, sums: Int(operation.constants.3))
  }
}
