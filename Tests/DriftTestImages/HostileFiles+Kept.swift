import DriftEmission
import DriftFormat

extension HostileFiles {
  /// Files that abuse tensors which live across steps, and constants that programs share.
  mutating func addKept() throws {
    let base = try TestImages.cached().encode()
    let editor = FileEditor(base)
    try addKeptTensors(base, editor)
    try addKeptPrograms(base, editor)
    addKeptSteps(base)
    try addSharedConstants(base, editor)
  }

  private mutating func addKeptTensors(_ base: [UInt8], _ editor: FileEditor) throws {
    let (model, tensors, features) = (DRIFT_SECTION_MODEL, DRIFT_SECTION_TENSORS, DRIFT_AT_header_required_features)
    edit("kept-without-feature", .featureUnused, base) { editor in
      editor.store(UInt64(0), at: features)
      return features
    }
    edit("feature-without-kept", .featureUnused, minimal) { editor in
      editor.store(UInt64(DRIFT_FEATURE_KEPT_TENSORS.rawValue), at: features)
      return features
    }
    let record = editor.record(model, 0, as: drift_model.self)
    for bytes in [0, record.kept_bytes - 64, record.kept_bytes + 64, UInt64.max - 63] {
      set("kept-\(bytes)", .keptBytesMismatch, model, 0, DRIFT_AT_model_kept_bytes, bytes, base: base)
    }
    set("kept-nothing", .keptBytesMismatch, model, 0, DRIFT_AT_model_kept_bytes, UInt64(64))
    for name in ["x", "e"] {
      let index = editor.index(tensors, name)
      let flags = editor.record(tensors, index, as: drift_tensor.self).flags | DRIFT_TENSOR_KEPT.rawValue
      set("kept-\(name)", .tensorFlagsInvalid, tensors, index, DRIFT_AT_tensor_flags, flags, base: base)
    }
    try image(
      "kept-17", .keptTensorsTooMany, TestImages.keeping(17),
      at: { $0.offset(tensors, $0.index(tensors, "k16"), DRIFT_AT_tensor_flags) })
    let (deep, thin) = (editor.index(tensors, "deep"), editor.index(tensors, "thin"))
    set("kept-second-on-first", .keptTensorMisplaced, tensors, thin, DRIFT_AT_tensor_arena_offset, UInt64(0), base: base)
    set("kept-gap", .keptTensorMisplaced, tensors, deep, DRIFT_AT_tensor_arena_offset, UInt64(64), base: base)
    // The first copy, then the null class's.
    for offset in [0, record.kept_bytes, 2 * record.kept_bytes - 64] {
      set(
        "kept-under-norm-\(offset)", .keptTensorMisplaced, tensors, editor.index(tensors, "norm"), DRIFT_AT_tensor_arena_offset,
        offset,
        base: base)
    }
    try image("kept-unread", .keptTensorUnread, TestImages.cached()) { image in
      for index in image.tensors.indices where image.tensors[index].name == "stem" {
        image.tensors[index].flags |= DRIFT_TENSOR_KEPT.rawValue
        image.quantization[1][index] = image.quantization[0][index]
      }
    } at: {
      $0.offset(tensors, $0.index(tensors, "stem"), DRIFT_AT_tensor_flags)
    }
    let count = Int(editor.section(tensors).count)
    set(
      "deep-scale", .keptScalesDiffer, DRIFT_SECTION_QUANTIZATION, count + deep, DRIFT_AT_quantization_scale, Float(0.25),
      base: base)
    set(
      "thin-zero", .keptScalesDiffer, DRIFT_SECTION_QUANTIZATION, count + thin, DRIFT_AT_quantization_zero_point, Int32(-6),
      base: base)
    for bound in [record.arena_lower_bound - record.kept_bytes, record.arena_lower_bound - 2 * record.kept_bytes] {
      set("kept-bound-\(bound)", .lowerBoundMismatch, model, 0, DRIFT_AT_model_arena_lower_bound, bound, base: base)
    }
  }

  private mutating func addKeptPrograms(_ base: [UInt8], _ editor: FileEditor) throws {
    let (programs, operators) = (DRIFT_SECTION_PROGRAMS, DRIFT_SECTION_OPERATORS)
    try image("kept-5", .keptProgramsTooMany, TestImages.cached(programs: 5), at: { $0.offset(programs, 4) })
    try image("expert", .keptProgramReadsNothing, TestImages.cachedWithExpert(), at: { $0.offset(programs, 2) })
    try image("kept-by-second", .keptTensorWriterInvalid, TestImages.cached()) { image in
      for index in image.tensors.indices where image.tensors[index].name == "near.stem" {
        image.tensors[index].flags |= DRIFT_TENSOR_KEPT.rawValue
        image.quantization[1][index] = image.quantization[0][index]
      }
    } at: {
      $0.offset(DRIFT_SECTION_TENSORS, $0.index(DRIFT_SECTION_TENSORS, "near.stem"), DRIFT_AT_tensor_flags)
    }
    // A tensor of the first program that is not kept, and one that the first program keeps only later.
    let stem = Int32(editor.index(DRIFT_SECTION_TENSORS, "stem"))
    let join = editor.index(operators, "near.join")
    set("not-kept", .operatorInputInvalid, operators, join, DRIFT_AT_operator_inputs + 4, stem, base: base)
    let deep = Int32(editor.index(DRIFT_SECTION_TENSORS, "deep"))
    let down = editor.index(operators, "norm")
    set("kept-before-written", .operatorInputInvalid, operators, down, DRIFT_AT_operator_inputs, deep, base: base)
  }

  private mutating func addKeptSteps(_ base: [UInt8]) {
    let steps = DRIFT_SECTION_STEPS
    for program in [1, 2] as [UInt32] {
      set("kept-step-0-program-\(program)", .keptTensorsUnwritten, steps, 0, DRIFT_AT_step_program, program, base: base)
    }
    // The first step keeps nothing for the null class, the second asks for it.
    edit("kept-without-guidance", .keptTensorsUnwritten, base) { editor in
      editor.set(steps, 0, DRIFT_AT_step_guidance, Float(0))
      return editor.offset(steps, 1, DRIFT_AT_step_program)
    }
  }

  private mutating func addSharedConstants(_ base: [UInt8], _ editor: FileEditor) throws {
    let (operators, field) = (DRIFT_SECTION_OPERATORS, DRIFT_AT_operator_constants)
    let (near, skip) = (editor.index(operators, "near.near"), editor.index(operators, "near.skip"))
    let bias = Int32(editor.index(DRIFT_SECTION_CONSTANTS, "near.bias"))
    set("bias-twice", .sharedConstantInvalid, operators, skip, field + 8, bias, base: base)
    let later = Int32(editor.index(DRIFT_SECTION_CONSTANTS, "skip.bias"))
    edit("bias-later", .sharedConstantInvalid, base) { editor in
      editor.set(operators, near, field + 8, later)
      return editor.offset(operators, near, field + 12)
    }
    // Without kept tensors, programs share nothing but tables.
    let expert = FileEditor(complete)
    let conv = expert.index(operators, "expert.conv")
    let out = Int32(expert.index(DRIFT_SECTION_CONSTANTS, "out.bias"))
    set("shared-by-expert", .constantOrderInvalid, operators, conv, field + 8, out)
  }
}
