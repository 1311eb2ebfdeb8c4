import DriftFormat

extension HostileFiles {
  /// Skipped evaluations and estimates. In the complete file step 2 estimates and step 3 ignores guidance.
  mutating func addGuidance() {
    let (model, steps) = (DRIFT_SECTION_MODEL, DRIFT_SECTION_STEPS)
    let editor = FileEditor(complete)
    let count = Int32(editor.section(DRIFT_SECTION_TENSORS).count)
    let trunk = Int32(editor.index(DRIFT_SECTION_TENSORS, "stem"))
    let answer = Int32(editor.index(DRIFT_SECTION_TENSORS, "e"))
    for tensor in [-2, count, .max, .min, trunk, answer, 0, 1, 2] {
      set("class-tensor-\(tensor)", .classTensorInvalid, model, 0, DRIFT_AT_model_class_tensor, tensor)
    }
    edit("nobody-estimates", .classTensorInvalid) { editor in
      editor.set(steps, 2, DRIFT_AT_step_null_source, DRIFT_NULL_EVALUATED.rawValue)
      for factor in 0..<3 { editor.set(steps, 2, DRIFT_AT_step_estimate + factor * 4, Float(0)) }
      return editor.offset(model, 0, DRIFT_AT_model_class_tensor)
    }
    edit("nowhere-to-keep-the-class", .classTensorInvalid) { editor in
      let tensor = editor.record(model, 0, as: drift_model.self).class_tensor
      editor.set(model, 0, DRIFT_AT_model_class_tensor, Int32.absent)
      editor.set(model, 0, DRIFT_AT_model_history_count, UInt32(3))
      editor.set(model, 0, DRIFT_AT_model_history_tensors + 8, tensor)
      return editor.offset(model, 0, DRIFT_AT_model_class_tensor)
    }

    let source = DRIFT_AT_step_null_source
    for value in [2, .max] as [UInt32] { set("source-\(value)", .nullSourceInvalid, steps, 2, source, value) }
    set("estimate-without-guidance", .nullSourceInvalid, steps, 3, source, UInt32(1))
    set("estimate-without-null-class", .nullSourceInvalid, steps, 0, source, UInt32(1), base: minimal)

    for factor in 0..<3 {
      let field = DRIFT_AT_step_estimate + factor * 4
      set("factor-\(factor)-evaluated", .estimateUnused, steps, 1, field, Float(0.5))
      set("factor-\(factor)-minus-zero", .estimateUnused, steps, 3, field, -Float(0))
      for value in [Float.nan, .infinity, -1025, 0x1p-101] {
        set("factor-\(factor)-\(value)", .estimateOutOfRange, steps, 2, field, value)
      }
    }
    set("factor-small-file", .estimateUnused, steps, 0, DRIFT_AT_step_estimate, Float.nan, base: minimal)

    set("first-step", .estimateUnfounded, steps, 0, source, UInt32(1))
    edit("after-skipped-steps", .estimateUnfounded) { editor in
      for step in 0..<2 { editor.set(steps, step, DRIFT_AT_step_guidance, Float(0)) }
      return editor.offset(steps, 2, source)
    }
  }
}
