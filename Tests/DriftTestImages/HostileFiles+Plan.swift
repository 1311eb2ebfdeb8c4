import DriftEmission
import DriftFormat

extension HostileFiles {
  mutating func addMemoryPlans() throws {
    let (model, tensors) = (DRIFT_SECTION_MODEL, DRIFT_SECTION_TENSORS)
    let arena = FileEditor(complete).record(model, 0, as: drift_model.self)
    for bytes in [1 << 31, UInt64.max, UInt64.max - 63] {
      set("arena-\(bytes)", .arenaTooLarge, model, 0, DRIFT_AT_model_arena_bytes, bytes)
    }
    edit("threads", .arenaTooLarge) { editor in
      editor.set(model, 0, DRIFT_AT_model_thread_bytes, FormatLimits.arenaBytes)
      return editor.offset(model, 0, DRIFT_AT_model_arena_bytes)
    }
    for bytes in [0, 64, arena.arena_bytes + 1, arena.arena_bytes + 64] {
      set("arena-\(bytes)", .arenaSizeMismatch, model, 0, DRIFT_AT_model_arena_bytes, bytes)
    }
    for bytes in [1, UInt64.max - 63] {
      set("bytes-\(bytes)", .threadBytesMismatch, model, 0, DRIFT_AT_model_thread_bytes, bytes)
    }
    edit("line-too-many", .threadBytesMismatch) { editor in
      editor.set(model, 0, DRIFT_AT_model_thread_bytes, arena.thread_bytes + 64)
      editor.set(model, 0, DRIFT_AT_model_arena_bytes, arena.arena_bytes + 64)
      return editor.offset(model, 0, DRIFT_AT_model_thread_bytes)
    }
    for bytes in [0, arena.arena_lower_bound - 64, arena.arena_lower_bound + 64] {
      set("bound-\(bytes)", .lowerBoundMismatch, model, 0, DRIFT_AT_model_arena_lower_bound, bytes)
    }
    // An operator's output on its input, and two tensors of the sampler on each other.
    for (tensor, other) in [("relu", "down"), ("noise", "x")] {
      edit("\(tensor)-on-\(other)", .tensorsOverlap) { editor in
        let from = editor.record(tensors, editor.index(tensors, other), as: drift_tensor.self)
        editor.set(tensors, editor.index(tensors, tensor), DRIFT_AT_tensor_arena_offset, from.arena_offset)
        return editor.offset(tensors, editor.index(tensors, tensor), DRIFT_AT_tensor_arena_offset)
      }
    }
    edit("relu-forgotten", .tensorUnused) { editor in
      let index = editor.index(DRIFT_SECTION_OPERATORS, "sum")
      editor.set(DRIFT_SECTION_OPERATORS, index, DRIFT_AT_operator_inputs + 4, Int32(editor.index(tensors, "down")))
      return editor.offset(tensors, editor.index(tensors, "relu"))
    }
    // Seen from the end, a1099 down to a79 are alive together with the state and two sums: 1024. The next, a78, is tensor 81.
    let crowded = try TestImages.crowded(1100).canonical().written()
    add("crowded", .liveSetTooLarge, at: FileEditor(crowded).offset(tensors, 81), crowded)

    let stem = FileEditor(complete).index(DRIFT_SECTION_OPERATORS, "stem")
    let scratch = FileEditor(complete).record(DRIFT_SECTION_OPERATORS, stem, as: drift_operator.self)
    operation("none", .scratchTooSmall, "stem", DRIFT_AT_operator_scratch_bytes, UInt64(0))
    operation("line-too-few", .scratchTooSmall, "stem", DRIFT_AT_operator_scratch_bytes, scratch.scratch_bytes - 64)
    for offset in [0, scratch.scratch_offset + 64, UInt64.max - 63] {
      operation("offset-\(offset)", .scratchMisplaced, "stem", DRIFT_AT_operator_scratch_offset, offset)
    }
    operation("offset-without-bytes", .scratchMisplaced, "coarse", DRIFT_AT_operator_scratch_offset, UInt64(64))
    edit("bytes-odd", .scratchMisplaced) { editor in
      editor.set(DRIFT_SECTION_OPERATORS, stem, DRIFT_AT_operator_scratch_bytes, scratch.scratch_bytes + 1)
      return editor.offset(DRIFT_SECTION_OPERATORS, stem, DRIFT_AT_operator_scratch_offset)
    }
  }

  /// Sets a field of a step of the complete file.
  private mutating func step<Value>(_ name: String, _ code: DriftErrorCode, _ step: Int, _ field: Int, _ value: Value) {
    set("step-\(step)-\(name)", code, DRIFT_SECTION_STEPS, step, field, value)
  }

  mutating func addSteps() {
    for scale in [0, Float.nan, .infinity, 0x1p21] {
      step("output-\(scale)", .outputScaleOutOfRange, 1, DRIFT_AT_step_output_scale, scale)
    }
    step("flag-2", .stepFlagsUnknown, 1, DRIFT_AT_step_flags, UInt32(2))
    for timestep in [-1000, 1000, Float.nan, .infinity, .leastNonzeroMagnitude] {
      step("timestep-\(timestep)", .timestepOutOfRange, 1, DRIFT_AT_step_timestep, timestep)
    }
    step("timestep-751", .timestepsUnordered, 1, DRIFT_AT_step_timestep, Float(751))
    step("group-1", .stepGroupInvalid, 0, DRIFT_AT_step_group, UInt32(1))
    step("group-2", .stepGroupInvalid, 2, DRIFT_AT_step_group, UInt32(2))
    step("group-max", .stepGroupInvalid, 2, DRIFT_AT_step_group, UInt32.max)
    step("group-0-again", .stepGroupInvalid, 3, DRIFT_AT_step_group, UInt32(0))
    edit("last-group-unused", .stepGroupInvalid) { editor in
      for step in 0..<4 { editor.set(DRIFT_SECTION_STEPS, step, DRIFT_AT_step_group, UInt32(0)) }
      return editor.offset(DRIFT_SECTION_STEPS, 3, DRIFT_AT_step_group)
    }
    for program in [2, .max] as [UInt32] {
      step("program-\(program)", .stepProgramOutOfRange, 1, DRIFT_AT_step_program, program)
    }
    for field in stride(from: DRIFT_AT_step_p, through: DRIFT_AT_step_clip_high, by: 4) {
      step("field-\(field)", .coefficientOutOfRange, 2, field, Float.nan)
    }
    for value in [Float.infinity, 0x1p21, 0x1p-101] {
      step("p-\(value)", .coefficientOutOfRange, 2, DRIFT_AT_step_p, value)
    }
    step("m", .coefficientUnused, 2, DRIFT_AT_step_m, Float(0.5))
    step("c-2", .coefficientUnused, 3, DRIFT_AT_step_c + 8, Float(0.5))
    edit("clip-empty", .clipRangeInvalid) { editor in
      editor.set(DRIFT_SECTION_STEPS, 2, DRIFT_AT_step_clip_high, Float(-1))
      return editor.offset(DRIFT_SECTION_STEPS, 2, DRIFT_AT_step_clip_low)
    }
    edit("clip-without-flag", .clipRangeInvalid) { editor in
      editor.set(DRIFT_SECTION_STEPS, 2, DRIFT_AT_step_flags, UInt32(0))
      return editor.offset(DRIFT_SECTION_STEPS, 2, DRIFT_AT_step_clip_low)
    }
    for guidance in [0.5, -1, Float.nan] {
      step("guidance-\(guidance)", .stepGuidanceInvalid, 2, DRIFT_AT_step_guidance, guidance)
    }
    for slot in [-2, 2, .max, .min] as [Int32] {
      step("slot-\(slot)", .historySlotInvalid, 2, DRIFT_AT_step_write_slot, slot)
    }
    step("source-3", .historySlotInvalid, 2, DRIFT_AT_step_write_source, UInt32(3))
    set("source-without-slot", .historySlotInvalid, DRIFT_SECTION_STEPS, 0, DRIFT_AT_step_write_source, UInt32(1), base: minimal)
    step("c-0", .historyUnwritten, 0, DRIFT_AT_step_c, Float(0.5))
    step("c-1", .historyUnwritten, 1, DRIFT_AT_step_c + 4, Float(0.5))
    for row in [10, .max] as [UInt32] {
      step("row-\(row)", .stepRowOutOfRange, 1, DRIFT_AT_step_step_row, row)
    }
  }
}
