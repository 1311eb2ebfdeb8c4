import CDriftFormat

extension Verifier {
  /// Types, shape arithmetic, constants and the accumulator's bound of a convolution.
  func verifyConvolution(_ operation: drift_operator, _ index: Int) throws(DriftError) {
    let input = input(operation, 0)
    let output = output(operation)
    try verifyInputType(operation, index, 0, .int8 | .pair)
    let hasResidual = operation.inputs.1 != .absent
    try verifyOutputType(operation, index, hasResidual ? .int8 | .int16 : .int8 | .int16 | .float32)

    let isPhased = operation.upsample == DRIFT_UPSAMPLE_PHASES.rawValue
    guard operation.upsample <= DRIFT_UPSAMPLE_PHASES.rawValue, !isPhased || output.channels % UInt32(DRIFT_OUTPUT_BLOCK) == 0
    else {
      throw operatorError(.upsampleOutOfRange, index, DRIFT_AT_operator_upsample, expected: 1, found: UInt64(operation.upsample))
    }
    try verifyWindow(operation, index)
    if isPhased { try verifyPhases(operation, index, input, output) } else { try verifyReach(operation, index, input, output) }

    if hasResidual {
      try verifyInputType(operation, index, 1, .int16)
      try verifyInputShape(operation, index, 1, height: output.height, width: output.width, channels: output.channels)
      try verifyGain(operation.gain, index, DRIFT_AT_operator_gain)
    }
    try verifyStepColumns(operation, index, count: output.channels, scales: FormatLimits.biasStepScales)
    try verifyGate(operation, index, count: output.channels)
    try verifyConvolutionConstants(operation, index, input, output)
    if operation.inputs.2 != .absent || operation.inputs.3 != .absent { try verifyMembranes(operation, index) }
  }

  /// Stride, kernel and padding by themselves.
  func verifyWindow(_ operation: drift_operator, _ index: Int) throws(DriftError) {
    guard operation.stride >= 1, operation.stride <= FormatLimits.kernel else {
      throw operatorError(
        .strideOutOfRange, index, DRIFT_AT_operator_stride, expected: UInt64(FormatLimits.kernel), found: UInt64(operation.stride))
    }
    try verifyKernel(operation.kernel_height, operation.pad_top, index, DRIFT_AT_operator_kernel_height, DRIFT_AT_operator_pad_top)
    try verifyKernel(operation.kernel_width, operation.pad_left, index, DRIFT_AT_operator_kernel_width, DRIFT_AT_operator_pad_left)
  }

  /// A convolution by phases: 2x2 windows that begin up to one pixel before each pixel, and an output twice as large.
  private func verifyPhases(
    _ operation: drift_operator, _ index: Int, _ input: drift_tensor, _ output: drift_tensor
  ) throws(DriftError) {
    try verifyField(operation.kernel_height, 2, .kernelOutOfRange, index, DRIFT_AT_operator_kernel_height)
    try verifyField(operation.kernel_width, 2, .kernelOutOfRange, index, DRIFT_AT_operator_kernel_width)
    try verifyField(operation.stride, 1, .strideOutOfRange, index, DRIFT_AT_operator_stride)
    try verifyField(operation.pad_top, 1, .paddingOutOfRange, index, DRIFT_AT_operator_pad_top)
    try verifyField(operation.pad_left, 1, .paddingOutOfRange, index, DRIFT_AT_operator_pad_left)
    guard output.height == 2 * input.height else {
      throw outputShapeError(index, expected: 2 * input.height, found: output.height)
    }
    guard output.width == 2 * input.width else {
      throw outputShapeError(index, expected: 2 * input.width, found: output.width)
    }
  }

  private func verifyField(
    _ value: UInt32, _ expected: UInt32, _ code: DriftErrorCode, _ index: Int, _ field: Int
  ) throws(DriftError) {
    guard value == expected else { throw operatorError(code, index, field, expected: UInt64(expected), found: UInt64(value)) }
  }

  /// The output's height and width follow from the input's.
  func verifyReach(_ operation: drift_operator, _ index: Int, _ input: drift_tensor, _ output: drift_tensor)
    throws(DriftError)
  {
    try verifyReach(
      operation, index, input: input.height, output: output.height, kernel: operation.kernel_height, pad: operation.pad_top)
    try verifyReach(
      operation, index, input: input.width, output: output.width, kernel: operation.kernel_width, pad: operation.pad_left)
  }

  private func verifyKernel(_ kernel: UInt32, _ pad: UInt32, _ index: Int, _ kernelField: Int, _ padField: Int) throws(DriftError) {
    guard kernel >= 1, kernel <= FormatLimits.kernel else {
      throw operatorError(.kernelOutOfRange, index, kernelField, expected: UInt64(FormatLimits.kernel), found: UInt64(kernel))
    }
    guard pad < kernel else {
      throw operatorError(.paddingOutOfRange, index, padField, expected: UInt64(kernel - 1), found: UInt64(pad))
    }
  }

  /// Along one axis the last window begins inside the image and ends at most one stride before the padded image does: what is left of the
  /// image at its end is less than a stride, and the padding there is less than the kernel.
  private func verifyReach(
    _ operation: drift_operator, _ index: Int, input: UInt32, output: UInt32, kernel: UInt32, pad: UInt32
  ) throws(DriftError) {
    // All below 2^25, so 64 bits with sign hold every sum.
    let image = Int64(input) &<< Int64(operation.upsample)
    let stride = Int64(operation.stride)
    let end = (Int64(output) - 1) * stride + Int64(kernel) - Int64(pad)
    let padding = end - image
    guard padding > -stride, padding < Int64(kernel) else {
      // The largest output that this image allows without padding at its end.
      let expected = max(1, (image + Int64(pad) - Int64(kernel)) / stride + 1)
      throw outputShapeError(index, expected: UInt32(truncatingIfNeeded: expected), found: output)
    }
  }

  private func verifyConvolutionConstants(
    _ operation: drift_operator, _ index: Int, _ input: drift_tensor, _ output: drift_tensor
  ) throws(DriftError) {
    let weights = Int(operation.constants.0)
    let taps = operation.kernel_height * operation.kernel_width
    let constant = file.constants[weights]
    let field = DRIFT_AT_operator_constants
    guard constant.inputs == input.channels else {
      throw operatorError(
        .constantShapeMismatch, index, field, expected: UInt64(input.channels), found: UInt64(constant.inputs))
    }
    guard constant.taps == taps else {
      throw operatorError(.constantShapeMismatch, index, field, expected: UInt64(taps), found: UInt64(constant.taps))
    }
    for position in 0..<4 {
      try verifyConstantOutputs(operation, index, position, operation.phases * output.channels)
    }
    try verifyScales(Int(operation.constants.1))
    try verifyFloats(Int(operation.constants.2), upTo: FormatLimits.largestCoefficient)
    try verifyWeights(weights, sums: Int(operation.constants.3))
  }
}
