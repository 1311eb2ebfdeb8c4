import CDriftFormat

extension Verifier {
  /// Rules 200 to 212, 218, 219 and 224, and the sizes of the arena (400, 401): the model record by itself.
  func verifyModel() throws(DriftError) {
    let model = file.model
    try verifyModelShape(model)
    try verifyModelValues(model)
    try verifyArena(model)
  }

  /// An error at a field of the model.
  func modelError(_ code: DriftErrorCode, _ field: Int, expected: UInt64 = 0, found: UInt64) -> DriftError {
    error(code, DRIFT_SECTION_MODEL, 0, field, expected: expected, found: found)
  }

  private func verifyModelShape(_ model: drift_model) throws(DriftError) {
    let reserved = table.section(DRIFT_SECTION_MODEL).offset + UInt64(DRIFT_AT_model_reserved)
    let start = Int(truncatingIfNeeded: reserved)
    if let offset = table.bytes.firstNonzero(from: start, to: start + MemoryLayout.size(ofValue: model.reserved)) {
      throw DriftError(.modelReservedNotZero, offset: UInt64(offset), found: UInt64(table.bytes[offset]))
    }
    let known = DRIFT_MODEL_ALWAYS_CLIPPED_EPSILON.rawValue
    guard model.flags & ~known == 0 else {
      throw modelError(.modelFlagsUnknown, DRIFT_AT_model_flags, expected: UInt64(known), found: UInt64(model.flags))
    }
    try verifyExtent(model.sample_channels, DRIFT_AT_model_sample_channels)
    try verifyExtent(model.sample_height, DRIFT_AT_model_sample_height)
    try verifyExtent(model.sample_width, DRIFT_AT_model_sample_width)
    guard model.class_count <= FormatLimits.classes else {
      throw modelError(
        .classCountOutOfRange, DRIFT_AT_model_class_count, expected: UInt64(FormatLimits.classes), found: UInt64(model.class_count))
    }
    guard model.null_class == .absent || (model.null_class >= 0 && UInt32(model.null_class) < model.class_count) else {
      throw modelError(
        .nullClassOutOfRange, DRIFT_AT_model_null_class, expected: UInt64(model.class_count),
        found: UInt64(signed: model.null_class))
    }
    guard model.training_steps >= 1, model.training_steps <= FormatLimits.trainingSteps else {
      throw modelError(
        .trainingStepsOutOfRange, DRIFT_AT_model_training_steps, expected: UInt64(FormatLimits.trainingSteps),
        found: UInt64(model.training_steps))
    }
    guard model.step_count >= 1, model.step_count <= model.training_steps, model.step_count <= FormatLimits.steps,
      file.steps.count == Int(model.step_count)
    else {
      throw modelError(
        .stepCountOutOfRange, DRIFT_AT_model_step_count, expected: UInt64(file.steps.count), found: UInt64(model.step_count))
    }
    guard model.group_count >= 1, model.group_count <= model.step_count else {
      throw modelError(
        .groupCountOutOfRange, DRIFT_AT_model_group_count, expected: UInt64(model.step_count), found: UInt64(model.group_count))
    }
    guard model.spike_steps <= FormatLimits.spikeSteps else {
      throw modelError(
        .spikeStepsOutOfRange, DRIFT_AT_model_spike_steps, expected: UInt64(FormatLimits.spikeSteps),
        found: UInt64(model.spike_steps))
    }
    // Of at most 2^16 * 2^10 * 2^20 rows.
    let values = (UInt64(model.step_count) * model.rowsOfStep).multipliedReportingOverflow(by: UInt64(model.step_columns))
    guard model.step_columns <= FormatLimits.stepColumns, !values.overflow, values.partialValue == UInt64(file.stepTable.count)
    else {
      throw modelError(
        .stepTableSizeMismatch, DRIFT_AT_model_step_columns, expected: UInt64(file.stepTable.count),
        found: UInt64(model.step_columns))
    }
  }

  private func verifyExtent(_ extent: UInt32, _ field: Int) throws(DriftError) {
    guard extent >= 1, extent <= FormatLimits.extent else {
      throw modelError(.sampleShapeOutOfRange, field, expected: UInt64(FormatLimits.extent), found: UInt64(extent))
    }
  }

  private func verifyModelValues(_ model: drift_model) throws(DriftError) {
    guard model.prediction <= DRIFT_PREDICTION_FLOW.rawValue else {
      throw modelError(
        .predictionUnknown, DRIFT_AT_model_prediction, expected: UInt64(DRIFT_PREDICTION_FLOW.rawValue),
        found: UInt64(model.prediction))
    }
    guard model.data_low.isUsable(upTo: FormatLimits.largestCoefficient) else {
      throw modelError(.dataRangeInvalid, DRIFT_AT_model_data_low, found: UInt64(float: model.data_low))
    }
    guard model.data_high.isUsable(upTo: FormatLimits.largestCoefficient), model.data_low < model.data_high else {
      throw modelError(
        .dataRangeInvalid, DRIFT_AT_model_data_high, expected: UInt64(float: model.data_low), found: UInt64(float: model.data_high))
    }
    guard FormatLimits.scales.contains(model.initial_scale) else {
      throw modelError(.initialScaleOutOfRange, DRIFT_AT_model_initial_scale, found: UInt64(float: model.initial_scale))
    }
    guard model.default_guidance.isUsable, FormatLimits.guidance.contains(model.default_guidance) else {
      throw modelError(.guidanceOutOfRange, DRIFT_AT_model_default_guidance, found: UInt64(float: model.default_guidance))
    }
    guard model.max_threads >= 1, model.max_threads <= FormatLimits.threads else {
      throw modelError(
        .threadLimitOutOfRange, DRIFT_AT_model_max_threads, expected: UInt64(FormatLimits.threads), found: UInt64(model.max_threads)
      )
    }
    guard model.history_count <= UInt32(DRIFT_MAX_HISTORY) else {
      throw modelError(
        .historyCountOutOfRange, DRIFT_AT_model_history_count, expected: UInt64(DRIFT_MAX_HISTORY),
        found: UInt64(model.history_count))
    }
  }

  /// The arena is whole cache lines, holds scratch and tail, and stays addressable with all threads.
  private func verifyArena(_ model: drift_model) throws(DriftError) {
    let limit = FormatLimits.arenaBytes
    guard model.thread_bytes <= limit, model.thread_bytes % UInt64(DRIFT_ALIGNMENT) == 0 else {
      throw modelError(.threadBytesMismatch, DRIFT_AT_model_thread_bytes, expected: limit, found: model.thread_bytes)
    }
    guard model.arena_bytes <= limit,
      ThreadMemory.bytes(for: model) * UInt64(model.max_threads - 1) <= limit - model.arena_bytes
    else {
      throw modelError(.arenaTooLarge, DRIFT_AT_model_arena_bytes, expected: limit, found: model.arena_bytes)
    }
    let smallest = model.thread_bytes + FormatLimits.arenaTailBytes
    guard model.arena_bytes >= smallest, model.arena_bytes % UInt64(DRIFT_ALIGNMENT) == 0 else {
      throw modelError(.arenaSizeMismatch, DRIFT_AT_model_arena_bytes, expected: smallest, found: model.arena_bytes)
    }
  }

  /// Bytes of the arena that tensors may use; scratch begins here.
  var tensorBytes: UInt64 {
    file.model.arena_bytes - file.model.thread_bytes - FormatLimits.arenaTailBytes
  }
}
