import CDriftFormat

/// Which copies of the kept tensors earlier steps have written.
struct KeptCopies {
  /// The class's, or the only one.
  var conditional = false
  /// The null class's.
  var unconditional = false
}

/// Kept tensors: what the first program leaves for the other programs of later steps.
extension Verifier {
  /// Whether a tensor that exists is kept.
  func isKept(_ tensor: Int) -> Bool {
    file.tensors[tensor].flags & DRIFT_TENSOR_KEPT.rawValue != 0
  }

  /// Whether the file has kept tensors, once rules 109 and 221 hold: a file has kept tensors or state, not both.
  var hasKeptTensors: Bool { file.model.kept_bytes != 0 && stateTensors.isEmpty }

  /// Programs but the decoder, which has nothing to do with kept tensors.
  private var denoiserCount: Int { file.programs.count - (file.model.decoder_program == .absent ? 0 : 1) }

  /// Bytes of all copies of the kept tensors: one, and one more for the null class.
  var keptRegionBytes: UInt64 {
    file.model.null_class == .absent ? file.model.kept_bytes : 2 * file.model.kept_bytes
  }

  /// Rules 109, 221, 270 and 271: few kept tensors, or any number of state tensors, one behind the other at the arena's start, and nothing
  /// else on any copy of them.
  func verifyKeptTensors() throws(DriftError) {
    var (count, end) = (0, UInt64(0))
    for index in persistentCount..<file.tensors.count where isKept(index) {
      count += 1
      guard count <= FormatLimits.keptTensors else {
        throw tensorError(
          .keptTensorsTooMany, index, DRIFT_AT_tensor_flags, expected: UInt64(FormatLimits.keptTensors), found: UInt64(count))
      }
      let tensor = file.tensors[index]
      guard tensor.arena_offset == end else {
        throw tensorError(
          .keptTensorMisplaced, index, DRIFT_AT_tensor_arena_offset, expected: end, found: tensor.arena_offset)
      }
      end += tensor.byte_length.roundedUp(to: UInt64(DRIFT_ALIGNMENT))
    }
    let isSpiking = !stateTensors.isEmpty
    if isSpiking && end == 0 { end = try verifyStatePlaces() }
    guard file.model.kept_bytes == end else {
      throw modelError(.keptBytesMismatch, DRIFT_AT_model_kept_bytes, expected: end, found: file.model.kept_bytes)
    }
    let region = keptRegionBytes
    for index in 0..<file.tensors.count
    where !isKept(index) && !stateTensors.contains(index) && file.tensors[index].arena_offset < region {
      throw tensorError(
        .keptTensorMisplaced, index, DRIFT_AT_tensor_arena_offset, expected: region, found: file.tensors[index].arena_offset)
    }
    let features = table.bytes.load(fromByteOffset: DRIFT_AT_header_required_features, as: UInt64.self)
    // A file with both kinds is refused here.
    let expected = UInt64(isSpiking ? DRIFT_FEATURE_SPIKING.rawValue : count > 0 ? DRIFT_FEATURE_KEPT_TENSORS.rawValue : 0)
    guard features == expected, !isSpiking || count == 0 else {
      throw DriftError(.featureUnused, offset: UInt64(DRIFT_AT_header_required_features), expected: expected, found: features)
    }
  }

  /// Rule 294: what one step writes, a step of another group reads.
  func verifyKeptScales() throws(DriftError) {
    for index in persistentCount..<file.tensors.count where isKept(index) {
      let first = file.quantization[index]
      for group in 1..<max(Int(file.model.group_count), 1) {
        let entry = group * file.tensors.count + index
        let other = file.quantization[entry]
        guard other.scale == first.scale else {
          throw error(
            .keptScalesDiffer, DRIFT_SECTION_QUANTIZATION, entry, DRIFT_AT_quantization_scale, expected: UInt64(float: first.scale),
            found: UInt64(float: other.scale))
        }
        guard other.zero_point == first.zero_point else {
          throw error(
            .keptScalesDiffer, DRIFT_SECTION_QUANTIZATION, entry, DRIFT_AT_quantization_zero_point,
            expected: UInt64(signed: first.zero_point), found: UInt64(signed: other.zero_point))
        }
      }
    }
  }

  /// Rules 244 and 272: few programs, and the first one writes what is kept.
  func verifyKeptPrograms() throws(DriftError) {
    guard hasKeptTensors else { return }
    guard denoiserCount <= FormatLimits.keptPrograms else {
      throw programError(
        .keptProgramsTooMany, FormatLimits.keptPrograms, 0, expected: UInt64(FormatLimits.keptPrograms),
        found: UInt64(denoiserCount))
    }
    let written = outputs(of: file.programs[0])
    for index in written.upperBound..<file.tensors.count where isKept(index) {
      throw tensorError(
        .keptTensorWriterInvalid, index, DRIFT_AT_tensor_flags, expected: UInt64(written.upperBound), found: UInt64(index))
    }
  }

  /// Rules 245 and 273: every program but the first and the decoder reads a kept tensor, and every kept tensor is read. So a session knows without
  /// looking which programs need an earlier step.
  func verifyKeptReaders() throws(DriftError) {
    guard hasKeptTensors else { return }
    var unread: UInt32 = 0
    for ordinal in 0..<FormatLimits.keptTensors where keptTensor(ordinal) != nil { unread |= 1 &<< UInt32(ordinal) }
    for index in 1..<max(denoiserCount, 1) {
      let read = keptTensorsRead(by: file.programs[index])
      guard read != 0 else { throw programError(.keptProgramReadsNothing, index, 0, found: UInt64(index)) }
      unread &= ~read
    }
    for ordinal in 0..<FormatLimits.keptTensors where unread & (1 &<< UInt32(ordinal)) != 0 {
      let tensor = keptTensor(ordinal) ?? 0
      throw tensorError(.keptTensorUnread, tensor, DRIFT_AT_tensor_flags, found: UInt64(tensor))
    }
  }

  /// The kept tensor that comes at a place among the kept ones.
  private func keptTensor(_ ordinal: Int) -> Int? {
    var left = ordinal
    for index in persistentCount..<file.tensors.count where isKept(index) {
      if left == 0 { return index }
      left -= 1
    }
    return nil
  }

  /// Bits of the kept tensors that a program after the first reads, by their place among the kept ones.
  private func keptTensorsRead(by program: drift_program) -> UInt32 {
    var read: UInt32 = 0
    for ordinal in 0..<FormatLimits.keptTensors {
      guard let tensor = keptTensor(ordinal) else { break }
      for index in operators(of: program) {
        for position in 0..<Int(DRIFT_MAX_INPUTS) where Int(file.operators[index].input(position)) == tensor {
          read |= 1 &<< UInt32(ordinal)
        }
      }
    }
    return read
  }

  /// Rule 433: a step that runs another program than the first comes after one that ran the first, for every class that it is run for.
  func verifyKept(of step: drift_step, _ index: Int, _ copies: inout KeptCopies) throws(DriftError) {
    guard hasKeptTensors else { return }
    let evaluatesNull = step.null_source == DRIFT_NULL_EVALUATED.rawValue
    let isGuided = step.guidance != 0 && evaluatesNull && file.model.null_class != .absent
    if step.program == 0 {
      copies.conditional = true
      if isGuided { copies.unconditional = true }
      return
    }
    guard copies.conditional, copies.unconditional || !isGuided else {
      throw stepError(.keptTensorsUnwritten, index, DRIFT_AT_step_program, found: UInt64(step.program))
    }
  }
}
