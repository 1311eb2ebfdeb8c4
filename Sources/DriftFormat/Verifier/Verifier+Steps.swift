import CDriftFormat

extension Verifier {
  /// Rules 420 to 434, and that noise has a place exactly if a step adds any (216); guidance follows at the end.
  func verifySteps() throws(DriftError) {
    var slotsWritten: UInt32 = 0
    var addsNoise = false
    var kept = KeptCopies()
    for index in 0..<file.steps.count {
      let step = file.steps[index]
      try verifyPlace(of: step, index)
      try verifyCoefficients(of: step, index)
      try verifyHistory(of: step, index, &slotsWritten)
      try verifyKept(of: step, index, &kept)
      if step.d != 0 { addsNoise = true }
    }
    let last = file.steps.count - 1
    let groups = file.model.group_count
    guard file.steps[last].group == groups - 1 else {
      throw stepError(
        .stepGroupInvalid, last, DRIFT_AT_step_group, expected: UInt64(groups - 1), found: UInt64(file.steps[last].group))
    }
    guard addsNoise == (file.model.noise_tensor != .absent) else {
      throw modelError(
        .noiseTensorInvalid, DRIFT_AT_model_noise_tensor, expected: addsNoise ? 1 : 0,
        found: UInt64(signed: file.model.noise_tensor))
    }
    try verifyGuidance()
  }

  /// An error at a field of a step.
  func stepError(_ code: DriftErrorCode, _ index: Int, _ field: Int, expected: UInt64 = 0, found: UInt64) -> DriftError {
    error(code, DRIFT_SECTION_STEPS, index, field, expected: expected, found: found)
  }

  /// Timestep, group, program and row of the step table.
  private func verifyPlace(of step: drift_step, _ index: Int) throws(DriftError) {
    let known = DRIFT_STEP_CLIP.rawValue
    guard step.flags & ~known == 0 else {
      throw stepError(.stepFlagsUnknown, index, DRIFT_AT_step_flags, expected: UInt64(known), found: UInt64(step.flags))
    }
    guard step.timestep.isUsable, step.timestep.magnitude < drift_float_of_uint32(file.model.training_steps) else {
      throw stepError(
        .timestepOutOfRange, index, DRIFT_AT_step_timestep, expected: UInt64(file.model.training_steps),
        found: UInt64(float: step.timestep))
    }
    let previous = index == 0 ? step : file.steps[index - 1]
    // A walk goes one way, but may stay: methods of several evaluations a step repeat timesteps.
    let rises = file.steps[0].timestep < file.steps[file.steps.count - 1].timestep
    guard rises ? step.timestep >= previous.timestep : step.timestep <= previous.timestep else {
      throw stepError(
        .timestepsUnordered, index, DRIFT_AT_step_timestep, expected: UInt64(float: previous.timestep),
        found: UInt64(float: step.timestep))
    }
    // Groups are contiguous runs: 0, 0, 1, 1, 1, 2 ...
    let smallest = index == 0 ? 0 : previous.group
    let largest = index == 0 ? 0 : min(previous.group, file.model.group_count - 1) + 1
    guard step.group >= smallest, step.group <= largest, step.group < file.model.group_count else {
      throw stepError(.stepGroupInvalid, index, DRIFT_AT_step_group, expected: UInt64(largest), found: UInt64(step.group))
    }
    guard UInt64(step.program) < UInt64(file.programs.count) else {
      throw stepError(
        .stepProgramOutOfRange, index, DRIFT_AT_step_program, expected: UInt64(file.programs.count), found: UInt64(step.program))
    }
    try verifyProgram(of: step, index)
    let last = UInt64(file.model.step_count - 1) * file.model.rowsOfStep
    guard UInt64(step.step_row) <= last else {
      throw stepError(.stepRowOutOfRange, index, DRIFT_AT_step_step_row, expected: last, found: UInt64(step.step_row))
    }
  }

  private func verifyCoefficients(of step: drift_step, _ index: Int) throws(DriftError) {
    // From p to clip_high the record holds nothing but coefficients.
    let fields = (DRIFT_AT_step_clip_high - DRIFT_AT_step_p) / 4 + 1
    let record = table.section(DRIFT_SECTION_STEPS).offset + UInt64(index * MemoryLayout<drift_step>.size + DRIFT_AT_step_p)
    for field in 0..<fields {
      let value = table.bytes.load(fromByteOffset: Int(truncatingIfNeeded: record) + field * 4, as: Float.self)
      guard value.isUsable(upTo: FormatLimits.largestCoefficient) else {
        throw stepError(
          .coefficientOutOfRange, index, DRIFT_AT_step_p + field * 4, expected: UInt64(float: FormatLimits.largestCoefficient),
          found: UInt64(float: value))
      }
    }
    guard step.m == 0 else {
      throw stepError(.coefficientUnused, index, DRIFT_AT_step_m, found: UInt64(float: step.m))
    }
    let clips = step.flags & DRIFT_STEP_CLIP.rawValue != 0
    guard clips ? step.clip_low < step.clip_high : step.clip_low == 0 && step.clip_high == 0 else {
      throw stepError(
        .clipRangeInvalid, index, DRIFT_AT_step_clip_low, expected: UInt64(float: step.clip_high),
        found: UInt64(float: step.clip_low))
    }
    guard step.guidance == 0 || step.guidance == 1 else {
      throw stepError(.stepGuidanceInvalid, index, DRIFT_AT_step_guidance, expected: 1, found: UInt64(float: step.guidance))
    }
    guard FormatLimits.scales.contains(step.output_scale.magnitude) else {
      throw stepError(.outputScaleOutOfRange, index, DRIFT_AT_step_output_scale, found: UInt64(float: step.output_scale))
    }
  }

  /// History is read only after it has been written, and only slots that have a tensor are.
  private func verifyHistory(of step: drift_step, _ index: Int, _ slotsWritten: inout UInt32) throws(DriftError) {
    let count = Int(file.model.history_count)
    for slot in 0..<Int(DRIFT_MAX_HISTORY) where step.historyCoefficient(slot) != 0 {
      let field = DRIFT_AT_step_c + slot * 4
      guard slot < count else {
        throw stepError(
          .coefficientUnused, index, field, expected: UInt64(count), found: UInt64(float: step.historyCoefficient(slot)))
      }
      guard slotsWritten & (1 &<< UInt32(slot)) != 0 else {
        throw stepError(.historyUnwritten, index, field, found: UInt64(float: step.historyCoefficient(slot)))
      }
    }
    let writes = step.write_slot != .absent
    guard !writes || (step.write_slot >= 0 && Int(step.write_slot) < count) else {
      throw stepError(
        .historySlotInvalid, index, DRIFT_AT_step_write_slot, expected: UInt64(count), found: UInt64(signed: step.write_slot))
    }
    guard step.write_source <= (writes ? 2 : 0) else {
      throw stepError(
        .historySlotInvalid, index, DRIFT_AT_step_write_source, expected: writes ? 2 : 0, found: UInt64(step.write_source))
    }
    if writes { slotsWritten |= 1 &<< UInt32(step.write_slot) }
  }
}
