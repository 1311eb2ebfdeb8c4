import DriftFormat

extension HostileFiles {
  /// Sets a field of the complete file's model.
  private mutating func model<Value>(_ name: String, _ code: DriftErrorCode, _ field: Int, _ value: Value) {
    set(name, code, DRIFT_SECTION_MODEL, 0, field, value)
  }

  mutating func addModels() {
    model("reserved", .modelReservedNotZero, DRIFT_AT_model_reserved, UInt8(1))
    model("flag-2", .modelFlagsUnknown, DRIFT_AT_model_flags, UInt32(2))
    for extent in [0, 65536] as [UInt32] {
      model("channels-\(extent)", .sampleShapeOutOfRange, DRIFT_AT_model_sample_channels, extent)
      model("height-\(extent)", .sampleShapeOutOfRange, DRIFT_AT_model_sample_height, extent)
      model("width-\(extent)", .sampleShapeOutOfRange, DRIFT_AT_model_sample_width, extent)
    }
    model("classes", .classCountOutOfRange, DRIFT_AT_model_class_count, FormatLimits.classes + 1)
    model("class-3-of-3", .nullClassOutOfRange, DRIFT_AT_model_null_class, Int32(3))
    model("class-minus-2", .nullClassOutOfRange, DRIFT_AT_model_null_class, Int32(-2))
    for count in [0, 3, 5, .max] as [UInt32] {
      model("steps-\(count)", .stepCountOutOfRange, DRIFT_AT_model_step_count, count)
    }
    edit("more-than-training", .stepCountOutOfRange) { editor in
      editor.set(DRIFT_SECTION_MODEL, 0, DRIFT_AT_model_training_steps, UInt32(3))
      return editor.offset(DRIFT_SECTION_MODEL, 0, DRIFT_AT_model_step_count)
    }
    for count in [0, 5] as [UInt32] {
      model("groups-\(count)", .groupCountOutOfRange, DRIFT_AT_model_group_count, count)
    }
    model("prediction-4", .predictionUnknown, DRIFT_AT_model_prediction, UInt32(4))
    for count in [0, FormatLimits.trainingSteps + 1] {
      model("training-\(count)", .trainingStepsOutOfRange, DRIFT_AT_model_training_steps, count)
    }
    for value in [Float.nan, .infinity, 0x1p21] {
      model("low-\(value)", .dataRangeInvalid, DRIFT_AT_model_data_low, value)
      model("high-\(value)", .dataRangeInvalid, DRIFT_AT_model_data_high, value)
    }
    model("empty", .dataRangeInvalid, DRIFT_AT_model_data_high, Float(-1))
    for value in [0, -1, 0x1p21, Float.nan, .infinity] {
      model("initial-\(value)", .initialScaleOutOfRange, DRIFT_AT_model_initial_scale, value)
    }
    for value in [-1, 1025, Float.nan, .leastNonzeroMagnitude] {
      model("guidance-\(value)", .guidanceOutOfRange, DRIFT_AT_model_default_guidance, value)
    }
    for count in [0, 257, .max] as [UInt32] {
      model("threads-\(count)", .threadLimitOutOfRange, DRIFT_AT_model_max_threads, count)
    }
    model("history-5", .historyCountOutOfRange, DRIFT_AT_model_history_count, UInt32(5))
    for count in [0, 17, 19, .max] as [UInt32] {
      model("columns-\(count)", .stepTableSizeMismatch, DRIFT_AT_model_step_columns, count)
    }
  }

  mutating func addSampleTensors() {
    let editor = FileEditor(complete)
    let count = Int32(editor.section(DRIFT_SECTION_TENSORS).count)
    let trunk = Int32(editor.index(DRIFT_SECTION_TENSORS, "stem"))
    let answer = Int32(editor.index(DRIFT_SECTION_TENSORS, "e"))
    for tensor in [-1, -2, count, .max, .min, trunk, answer] {
      model("tensor-\(tensor)", .stateTensorInvalid, DRIFT_AT_model_state_tensor, tensor)
    }
    for tensor in [-1, count, .max, trunk, 0] {
      model("tensor-\(tensor)", .outputTensorInvalid, DRIFT_AT_model_output_tensor, tensor)
    }
    for tensor in [-1, count, trunk, answer, 0] {
      model("tensor-\(tensor)", .guidanceTensorInvalid, DRIFT_AT_model_guidance_tensor, tensor)
    }
    for tensor in [-2, count, trunk, answer, 1] {
      model("tensor-\(tensor)", .noiseTensorInvalid, DRIFT_AT_model_noise_tensor, tensor)
    }
    for tensor in [-1, -2, count, trunk, answer, 2] {
      model("slot-0-tensor-\(tensor)", .historyTensorInvalid, DRIFT_AT_model_history_tensors, tensor)
    }
    model("slot-2-tensor-0", .historyTensorInvalid, DRIFT_AT_model_history_tensors + 8, Int32(0))
    edit("nobody-adds-it", .noiseTensorInvalid) { editor in
      for step in 0..<4 { editor.set(DRIFT_SECTION_STEPS, step, DRIFT_AT_step_d, Float(0)) }
      return editor.offset(DRIFT_SECTION_MODEL, 0, DRIFT_AT_model_noise_tensor)
    }
    edit("nowhere-to-put-it", .noiseTensorInvalid, minimal) { editor in
      editor.set(DRIFT_SECTION_STEPS, 0, DRIFT_AT_step_d, Float(0.5))
      return editor.offset(DRIFT_SECTION_MODEL, 0, DRIFT_AT_model_noise_tensor)
    }
    edit("no-null-class", .guidanceTensorInvalid) { editor in
      editor.set(DRIFT_SECTION_MODEL, 0, DRIFT_AT_model_null_class, Int32(-1))
      return editor.offset(DRIFT_SECTION_MODEL, 0, DRIFT_AT_model_guidance_tensor)
    }
    edit("one-slot-less", .tensorNotPersistent) { editor in
      editor.set(DRIFT_SECTION_MODEL, 0, DRIFT_AT_model_history_count, UInt32(1))
      editor.set(DRIFT_SECTION_MODEL, 0, DRIFT_AT_model_history_tensors + 4, Int32(-1))
      return editor.offset(DRIFT_SECTION_TENSORS, 4, DRIFT_AT_tensor_flags)
    }
  }

  mutating func addPrograms() {
    let programs = DRIFT_SECTION_PROGRAMS
    let editor = FileEditor(complete)
    let second = UInt32(editor.load(UInt32.self, at: editor.offset(programs, 1, DRIFT_AT_program_first_operator)))
    let outputs = (0..<2).map { editor.load(Int32.self, at: editor.offset(programs, $0, DRIFT_AT_program_output_tensor)) }
    for role in [1, 2, .max] as [UInt32] { set("role-\(role)", .programRoleInvalid, programs, 1, DRIFT_AT_program_role, role) }
    set("starts-late", .programRangeInvalid, programs, 0, DRIFT_AT_program_first_operator, UInt32(1))
    set("overlaps", .programRangeInvalid, programs, 1, DRIFT_AT_program_first_operator, second - 1)
    for count in [0, 3, .max] as [UInt32] {
      set("count-\(count)", .programRangeInvalid, programs, 1, DRIFT_AT_program_operator_count, count)
    }
    // The first program takes all operators, so that none is left for the second.
    set("takes-all", .programRangeInvalid, programs, 1, DRIFT_AT_program_first_operator, UInt32(0))
    edit("one-left-over", .programOutputInvalid) { editor in
      editor.set(programs, 1, DRIFT_AT_program_operator_count, UInt32(1))
      return editor.offset(programs, 1, DRIFT_AT_program_output_tensor)
    }
    for tensor in [-1, 1, .max] as [Int32] {
      set("tensor-\(tensor)", .programInputInvalid, programs, 0, DRIFT_AT_program_input_tensor, tensor)
    }
    for tensor in [-1, 0, .max, outputs[1]] {
      set("first-tensor-\(tensor)", .programOutputInvalid, programs, 0, DRIFT_AT_program_output_tensor, tensor)
    }
    set("second-has-the-first's", .programOutputInvalid, programs, 1, DRIFT_AT_program_output_tensor, outputs[0])
  }
}
