import CDriftFormat

extension Verifier {
  /// Rules 320 to 324 and 330 to 332: each constant by itself. They lie one behind the other, so that the data section holds nothing
  /// else. Weights are checked with the operator that uses them, together with their sums.
  func verifyConstants() throws(DriftError) {
    var end: UInt64 = 0
    for index in 0..<file.constants.count {
      let constant = file.constants[index]
      try verifyString(constant.name, DRIFT_SECTION_CONSTANTS, index, DRIFT_AT_constant_name)
      guard constant.reserved == 0 else {
        throw constantError(.constantReservedNotZero, index, DRIFT_AT_constant_reserved, found: UInt64(constant.reserved))
      }
      let length = try shapeLength(of: constant, index)
      guard constant.length == length else {
        throw constantError(.constantLengthMismatch, index, DRIFT_AT_constant_length, expected: length, found: constant.length)
      }
      let available = UInt64(file.data.count)
      guard constant.offset == end, length <= available, end <= available - length else {
        throw constantError(.constantMisplaced, index, DRIFT_AT_constant_offset, expected: end, found: constant.offset)
      }
      let next = (end + length).roundedUp(to: UInt64(DRIFT_ALIGNMENT))
      guard next <= available else {
        throw constantError(.constantMisplaced, index, DRIFT_AT_constant_length, expected: available, found: next)
      }
      try verifyDataIsZero(from: end + length, to: next)
      end = next
      try verifyContents(of: constant, index)
    }
    guard end == UInt64(file.data.count) else {
      throw dataError(.constantMisplaced, end, expected: end, found: UInt64(file.data.count))
    }
  }

  /// An error at a field of a constant's record.
  func constantError(_ code: DriftErrorCode, _ index: Int, _ field: Int, expected: UInt64 = 0, found: UInt64) -> DriftError {
    error(code, DRIFT_SECTION_CONSTANTS, index, field, expected: expected, found: found)
  }

  /// An error at a byte of the data section.
  func dataError(_ code: DriftErrorCode, _ position: UInt64, expected: UInt64 = 0, found: UInt64) -> DriftError {
    DriftError(code, offset: table.section(DRIFT_SECTION_DATA).offset + position, expected: expected, found: found)
  }

  private func verifyDataIsZero(from start: UInt64, to end: UInt64) throws(DriftError) {
    if let position = file.data.firstNonzero(from: Int(truncatingIfNeeded: start), to: Int(truncatingIfNeeded: end)) {
      throw dataError(.paddingNotZero, UInt64(position), found: UInt64(file.data[position]))
    }
  }

  /// Bytes that a constant's kind and shape ask for.
  private func shapeLength(of constant: drift_constant, _ index: Int) throws(DriftError) -> UInt64 {
    let extent = FormatLimits.extent
    let taps = FormatLimits.kernel * FormatLimits.kernel
    switch constant.kind {
    case DRIFT_CONSTANT_WEIGHTS.rawValue:
      try verifyExtent(constant.outputs, 1, extent, index, DRIFT_AT_constant_outputs)
      try verifyExtent(constant.taps, 1, taps, index, DRIFT_AT_constant_taps)
      try verifyExtent(constant.inputs, 1, extent, index, DRIFT_AT_constant_inputs)
      // At most 65536 * 65025 * 65536 < 2^48.
      return UInt64((constant.outputs + 15) & ~15) * UInt64(constant.taps) * UInt64((constant.inputs + 3) & ~3)
    case DRIFT_CONSTANT_ROWS.rawValue:
      try verifyExtent(constant.outputs, 1, extent, index, DRIFT_AT_constant_outputs)
      try verifyExtent(constant.taps, 1, taps, index, DRIFT_AT_constant_taps)
      try verifyExtent(constant.inputs, 1, extent, index, DRIFT_AT_constant_inputs)
      return UInt64((constant.outputs + 15) & ~15) * UInt64(constant.taps) * UInt64(constant.inputs)
    case DRIFT_CONSTANT_DEPTHWISE.rawValue:
      try verifyExtent(constant.outputs, 1, extent, index, DRIFT_AT_constant_outputs)
      try verifyExtent(constant.taps, 1, taps, index, DRIFT_AT_constant_taps)
      try verifyExtent(constant.inputs, 1, 1, index, DRIFT_AT_constant_inputs)
      return UInt64((constant.outputs + 15) & ~15) * UInt64(constant.taps)
    case DRIFT_CONSTANT_VALUES.rawValue:
      try verifyExtent(constant.outputs, 1, FormatLimits.storedRows, index, DRIFT_AT_constant_outputs)
      try verifyExtent(constant.taps, 1, 2, index, DRIFT_AT_constant_taps)
      try verifyExtent(constant.inputs, 1, FormatLimits.elements, index, DRIFT_AT_constant_inputs)
      // At most 2^24 * 2 * 2^30.
      return UInt64(constant.outputs) * UInt64(constant.taps) * UInt64(constant.inputs)
    case DRIFT_CONSTANT_CODEBOOK.rawValue:
      try verifyExtent(constant.outputs, 1, extent, index, DRIFT_AT_constant_outputs)
      try verifyExtent(constant.taps, 1, 1, index, DRIFT_AT_constant_taps)
      try verifyExtent(constant.inputs, 1, extent, index, DRIFT_AT_constant_inputs)
      return UInt64(constant.outputs) * UInt64(constant.inputs) * 2
    case DRIFT_CONSTANT_FLOATS.rawValue, DRIFT_CONSTANT_INDICES.rawValue:
      try verifyExtent(constant.outputs, 1, FormatLimits.elements, index, DRIFT_AT_constant_outputs)
    case DRIFT_CONSTANT_SUMS.rawValue:
      try verifyExtent(constant.outputs, 1, extent, index, DRIFT_AT_constant_outputs)
    case DRIFT_CONSTANT_ACTIVATION.rawValue:
      let entries = UInt32(DRIFT_ACTIVATION_TABLE_ENTRIES)
      try verifyExtent(constant.outputs, entries, entries, index, DRIFT_AT_constant_outputs)
    case DRIFT_CONSTANT_BUMP.rawValue:
      let entries = UInt32(DRIFT_BUMP_ENTRIES)
      try verifyExtent(constant.outputs, entries, entries, index, DRIFT_AT_constant_outputs)
    case DRIFT_CONSTANT_EXP.rawValue:
      let entries = UInt32(DRIFT_EXP_TABLE_ENTRIES)
      try verifyExtent(constant.outputs, entries, entries, index, DRIFT_AT_constant_outputs)
    default:
      throw constantError(.constantKindUnknown, index, DRIFT_AT_constant_kind, found: UInt64(constant.kind))
    }
    try verifyExtent(constant.taps, 1, 1, index, DRIFT_AT_constant_taps)
    try verifyExtent(constant.inputs, 1, 1, index, DRIFT_AT_constant_inputs)
    return UInt64(constant.outputs) * (constant.kind == DRIFT_CONSTANT_EXP.rawValue ? 1 : 4)
  }

  // Called from many places: a copy in each would be a kilobyte.
  @inline(never)
  private func verifyExtent(
    _ extent: UInt32, _ smallest: UInt32, _ largest: UInt32, _ index: Int, _ field: Int
  ) throws(DriftError) {
    guard extent >= smallest, extent <= largest else {
      throw constantError(.constantShapeOutOfRange, index, field, expected: UInt64(largest), found: UInt64(extent))
    }
  }

  private func verifyContents(of constant: drift_constant, _ index: Int) throws(DriftError) {
    switch constant.kind {
    case DRIFT_CONSTANT_FLOATS.rawValue:
      try verifyFloats(constant, index, limit: .greatestFiniteMagnitude)
    case DRIFT_CONSTANT_ACTIVATION.rawValue:
      try verifyFloats(constant, index, limit: FormatLimits.largestAffine)
    case DRIFT_CONSTANT_EXP.rawValue:
      try verifyExpTable(constant, index)
    case DRIFT_CONSTANT_BUMP.rawValue:
      try verifyFloats(constant, index, limit: FormatLimits.largestAffine)
      try verifyBump(constant, index)
    default:
      break
    }
  }

  /// Every value is usable and not beyond a limit in magnitude.
  private func verifyFloats(_ constant: drift_constant, _ index: Int, limit: Float) throws(DriftError) {
    let values = floats(index)
    for position in 0..<values.count {
      guard values[position].isUsable else {
        throw dataError(.floatInvalid, constant.offset + UInt64(position) * 4, found: UInt64(float: values[position]))
      }
    }
    try verifyFloats(index, upTo: limit)
  }

  /// Rule 331: values of a constant stay within a limit in magnitude.
  func verifyFloats(_ index: Int, upTo limit: Float) throws(DriftError) {
    let values = floats(index)
    for position in 0..<values.count where !values[position].isUsable(upTo: limit) {
      throw dataError(
        .floatOutOfRange, file.constants[index].offset + UInt64(position) * 4, expected: UInt64(float: limit),
        found: UInt64(float: values[position]))
    }
  }

  /// Rule 331 for weight scales: they are positive and within the limits of scales.
  func verifyScales(_ index: Int) throws(DriftError) {
    let values = floats(index)
    for position in 0..<values.count where !FormatLimits.scales.contains(values[position]) {
      throw dataError(
        .floatOutOfRange, file.constants[index].offset + UInt64(position) * 4,
        expected: UInt64(float: FormatLimits.scales.upperBound), found: UInt64(float: values[position]))
    }
  }

  private func floats(_ index: Int) -> UnsafeBufferPointer<Float> {
    let start = file.data(of: index).assumingMemoryBound(to: Float.self)
    return UnsafeBufferPointer(start: start, count: Int(file.constants[index].outputs))
  }

  /// The first entry is 255, so that no row sum of an attention is below it, and entries never rise.
  private func verifyExpTable(_ constant: drift_constant, _ index: Int) throws(DriftError) {
    let values = file.data(of: index).assumingMemoryBound(to: UInt8.self)
    var largest: UInt8 = 255
    for position in 0..<Int(constant.outputs) {
      let value = values[position]
      guard value <= largest, position > 0 || value == 255 else {
        throw dataError(
          .expTableInvalid, constant.offset + UInt64(position), expected: UInt64(largest), found: UInt64(value))
      }
      largest = value
    }
  }

  /// Rule 333: the limit is usable and the polynomial stays small up to it, so that its eighth power is far from infinity.
  private func verifyBump(_ constant: drift_constant, _ index: Int) throws(DriftError) {
    let values = floats(index)
    let limit = values[0]
    guard FormatLimits.bumpLimits.contains(limit) else {
      throw dataError(
        .bumpInvalid, constant.offset, expected: UInt64(float: FormatLimits.bumpLimits.upperBound), found: UInt64(float: limit))
    }
    var (largest, power): (Float, Float) = (0, 1)
    for position in 1...5 {
      largest += values[position].magnitude * power
      power *= limit
      guard largest <= FormatLimits.largestBumpRoot else {
        throw dataError(
          .bumpInvalid, constant.offset + UInt64(position) * 4, expected: UInt64(float: FormatLimits.largestBumpRoot),
          found: UInt64(float: largest))
      }
    }
    for position in 6...7 where values[position] != 0 {
      throw dataError(.bumpInvalid, constant.offset + UInt64(position) * 4, found: UInt64(float: values[position]))
    }
  }

  /// Rules 326 to 329: packed weights against their sums.
  func verifyWeights(_ weights: Int, sums: Int) throws(DriftError) {
    let constant = file.constants[weights]
    let values = file.data(of: weights).assumingMemoryBound(to: Int8.self)
    let expected = file.data(of: sums).assumingMemoryBound(to: Int32.self)
    var report = drift_weights_report()
    let verdict =
      constant.kind == DRIFT_CONSTANT_DEPTHWISE.rawValue
      ? drift_depthwise_verify(values, expected, constant.outputs, constant.taps, &report)
      : drift_weights_verify(values, expected, constant.outputs, constant.taps, constant.inputs, &report)
    let code: DriftErrorCode
    var position = constant.offset + report.position
    switch verdict {
    case DRIFT_WEIGHTS_OUT_OF_RANGE: code = .weightOutOfRange
    case DRIFT_WEIGHTS_PADDING: code = .weightPaddingNotZero
    case DRIFT_WEIGHTS_ACCUMULATOR:
      code = .accumulatorOverflow
      position = file.constants[sums].offset + report.position * 4
    case DRIFT_WEIGHTS_SUM:
      code = .weightSumMismatch
      position = file.constants[sums].offset + report.position * 4
    default: return
    }
    throw dataError(
      code, position, expected: UInt64(bitPattern: report.expected), found: UInt64(bitPattern: report.found))
  }
}
