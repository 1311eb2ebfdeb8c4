import CDriftFormat

/// Operators whose constants are as large as tensors: stored tensors, gathers, codebooks.
extension Verifier {
  /// Rules 335 and 387: a row for whatever the mode asks for, each of the output's layout and range.
  func verifyLoad(_ operation: drift_operator, _ index: Int) throws(DriftError) {
    let output = output(operation)
    try verifyOutputType(operation, index, .int8 | .int16)
    let constant = file.constants[Int(operation.constants.0)]
    let size: UInt32 = output.type == DRIFT_TYPE_INT16.rawValue ? 2 : 1
    try verifyConstantField(constant.taps, UInt64(size), index)
    try verifyConstantField(constant.inputs, output.byte_length / UInt64(size), index)

    let classes = UInt64(max(file.model.class_count, 1))
    let rows: UInt64 =
      switch operation.mode {
      case DRIFT_LOAD_FIXED.rawValue: 1
      case DRIFT_LOAD_CLASS.rawValue: classes
      default: UInt64(file.model.step_count) * file.model.rowsOfStep
      }
    guard UInt64(constant.outputs) == rows else {
      throw operatorError(
        .loadRowsMismatch, index, DRIFT_AT_operator_constants, expected: rows, found: UInt64(constant.outputs))
    }
    let allowed = size == 2 ? Self.int16Values : output.lowest...output.highest
    if allowed == -128...127 { return }
    try verifyRange(constant, Int(operation.constants.0), size: Int(size), allowed)
  }

  /// Rule 336: every pixel comes from channels that lie side by side in one pixel of an input.
  func verifyGather(_ operation: drift_operator, _ index: Int) throws(DriftError) {
    let output = output(operation)
    let (a, b) = (input(operation, 0), operation.inputs.1 == .absent ? nil : input(operation, 1))
    for position in 0..<(b == nil ? 1 : 2) { try verifyInputType(operation, index, position, .int16) }
    try verifyOutputType(operation, index, .int16)
    let constant = file.constants[Int(operation.constants.0)]
    let pixels = UInt64(output.height) * UInt64(output.width)
    try verifyConstantField(constant.outputs, pixels, index)

    let offsets = file.data(of: Int(operation.constants.0)).assumingMemoryBound(to: Int32.self)
    // The arena bounds both sizes far below 2^31.
    let sizeA = Int64(a.byte_length / 2)
    let size = sizeA + Int64((b?.byte_length ?? 0) / 2)
    for pixel in 0..<Int(constant.outputs) {
      let offset = Int64(offsets[pixel])
      if offset == -1 { continue }
      let source = offset < sizeA ? a : b ?? a
      let channel = (offset < sizeA ? offset : offset - sizeA) % Int64(source.channel_stride)
      guard offset >= 0, offset < size, channel + Int64(output.channels) <= Int64(source.channels) else {
        throw dataError(
          .gatherIndexInvalid, constant.offset + UInt64(pixel) * 4, expected: UInt64(size), found: UInt64(signed: offsets[pixel]))
      }
    }
  }

  /// Types, shapes and codes of a codebook.
  func verifyCodebook(_ operation: drift_operator, _ index: Int) throws(DriftError) {
    let input = input(operation, 0)
    try verifyInputType(operation, index, 0, .int16)
    try verifyOutputType(operation, index, .int16)
    try verifyOutputShape(operation, index, height: input.height, width: input.width, channels: input.channels)
    let constant = file.constants[Int(operation.constants.0)]
    try verifyConstantField(constant.inputs, UInt64(input.channels), index)
    guard FormatLimits.scales.contains(operation.gain) else {
      throw operatorError(
        .gainOutOfRange, index, DRIFT_AT_operator_gain, expected: UInt64(float: FormatLimits.scales.upperBound),
        found: UInt64(float: operation.gain))
    }
    try verifyRange(constant, Int(operation.constants.0), size: 2, Self.int16Values)
  }

  @inline(never)
  private func verifyConstantField(_ found: UInt32, _ expected: UInt64, _ index: Int) throws(DriftError) {
    guard UInt64(found) == expected else {
      throw operatorError(
        .constantShapeMismatch, index, DRIFT_AT_operator_constants, expected: expected, found: UInt64(found))
    }
  }

  private static var int16Values: ClosedRange<Int32> { -32767...32767 }

  /// Rule 335: no value is one that a store would not make.
  private func verifyRange(
    _ constant: drift_constant, _ index: Int, size: Int, _ allowed: ClosedRange<Int32>
  ) throws(DriftError) {
    let count = Int(truncatingIfNeeded: constant.length) / size
    let bytes = file.data(of: index)
    let int8 = bytes.assumingMemoryBound(to: Int8.self)
    let int16 = bytes.assumingMemoryBound(to: Int16.self)
    for position in 0..<count {
      let value = size == 1 ? Int32(int8[position]) : Int32(int16[position])
      guard value >= allowed.lowerBound, value <= allowed.upperBound else {
        throw dataError(.storedValueOutOfRange, constant.offset + UInt64(position * size), found: UInt64(signed: value))
      }
    }
  }
}
