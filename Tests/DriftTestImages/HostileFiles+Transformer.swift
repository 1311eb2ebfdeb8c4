import DriftEmission
import DriftFormat

extension HostileFiles {
  /// What stored tensors, gathers, codebooks, gates, modes, attention to other tokens and decoders must not be.
  mutating func addTransformer() throws {
    let base = try TestImages.transformer().encode()
    addDecoders(base)
    addModes(base)
    addGates(base)
    addStored(base)
    addShapes(base)
    try addTransformerImages(base)
  }

  /// Sets a field of an operator of the transformer file.
  private mutating func transformer<Value>(
    _ name: String, _ code: DriftErrorCode, _ operation: String, _ field: Int, _ value: Value, base: [UInt8]
  ) {
    let index = FileEditor(base).index(DRIFT_SECTION_OPERATORS, operation)
    set("\(operation)-\(name)", code, DRIFT_SECTION_OPERATORS, index, field, value, base: base)
  }

  /// Lets an operator of the transformer file read another tensor; the error must name this input, or the field that is given.
  private mutating func input(
    _ code: DriftErrorCode, _ operation: String, _ position: Int, _ tensor: String, blames field: Int? = nil, base: [UInt8]
  ) {
    edit("\(operation)-reads-\(tensor)-at-\(position)", code, base) { editor in
      let index = editor.index(DRIFT_SECTION_OPERATORS, operation)
      let input = DRIFT_AT_operator_inputs + position * 4
      editor.set(DRIFT_SECTION_OPERATORS, index, input, Int32(editor.index(DRIFT_SECTION_TENSORS, tensor)))
      return editor.offset(DRIFT_SECTION_OPERATORS, index, field ?? input)
    }
  }

  private mutating func addDecoders(_ base: [UInt8]) {
    let (model, programs, steps) = (DRIFT_SECTION_MODEL, DRIFT_SECTION_PROGRAMS, DRIFT_SECTION_STEPS)
    for extent in [0, 65536, .max] as [UInt32] {
      set("channels-\(extent)", .pictureShapeInvalid, model, 0, DRIFT_AT_model_picture_channels, extent, base: base)
      set("height-\(extent)", .pictureShapeInvalid, model, 0, DRIFT_AT_model_picture_height, extent, base: base)
      set("width-\(extent)", .pictureShapeInvalid, model, 0, DRIFT_AT_model_picture_width, extent, base: base)
    }
    set("not-the-sample", .pictureShapeInvalid, model, 0, DRIFT_AT_model_picture_height, UInt32(3), base: minimal)
    for program in [0, 2, -2, .max] as [Int32] {
      set("program-\(program)", .decoderProgramInvalid, model, 0, DRIFT_AT_model_decoder_program, program, base: base)
    }
    set("only-program", .decoderProgramInvalid, model, 0, DRIFT_AT_model_decoder_program, Int32(0), base: minimal)
    for role in [0, 2] as [UInt32] {
      set("decoder-role-\(role)", .programRoleInvalid, programs, 1, DRIFT_AT_program_role, role, base: base)
    }
    set("denoiser-decodes", .programRoleInvalid, programs, 0, DRIFT_AT_program_role, UInt32(1), base: base)
    edit("other-picture", .programOutputInvalid, base) { editor in
      editor.set(model, 0, DRIFT_AT_model_picture_width, UInt32(9))
      return editor.offset(programs, 1, DRIFT_AT_program_output_tensor)
    }
    let editor = FileEditor(base)
    let latent = Int32(editor.index(DRIFT_SECTION_TENSORS, "e"))
    set("decodes-to-the-answer", .programOutputInvalid, programs, 1, DRIFT_AT_program_output_tensor, latent, base: base)
    set("step", .stepRunsDecoder, steps, 1, DRIFT_AT_step_program, UInt32(1), base: base)
    edit("decoder-adds-step", .decoderReadsStep, base) { editor in
      let index = editor.index(DRIFT_SECTION_OPERATORS, "wide")
      editor.set(DRIFT_SECTION_OPERATORS, index, DRIFT_AT_operator_step_column, Int32(0))
      editor.set(DRIFT_SECTION_OPERATORS, index, DRIFT_AT_operator_step_scale, Float(0.001))
      return editor.offset(DRIFT_SECTION_OPERATORS, index, DRIFT_AT_operator_step_column)
    }
    edit("decoder-gates", .decoderReadsStep, base) { editor in
      let index = editor.index(DRIFT_SECTION_OPERATORS, "picture")
      editor.set(DRIFT_SECTION_OPERATORS, index, DRIFT_AT_operator_gate_column, Int32(0))
      editor.set(DRIFT_SECTION_OPERATORS, index, DRIFT_AT_operator_gate_scale, Float(0.001))
      return editor.offset(DRIFT_SECTION_OPERATORS, index, DRIFT_AT_operator_gate_column)
    }
    transformer("by-step", .decoderReadsStep, "tint", DRIFT_AT_operator_mode, UInt32(2), base: base)
  }

  private mutating func addModes(_ base: [UInt8]) {
    for (name, mode) in [("layer", 3), ("k", 3), ("product", 1), ("joined", 1), ("codes", 1), ("cross", .max)] as [(String, UInt32)]
    {
      transformer("mode-\(mode)", .operatorModeUnknown, name, DRIFT_AT_operator_mode, mode, base: base)
    }
    transformer("two-groups", .groupsInvalid, "layer", DRIFT_AT_operator_groups, UInt32(2), base: base)
    input(.operatorFieldUnused, "rms", 1, "stem", base: base)
    edit("plain-by-pixel", .groupsInvalid, base) { editor in
      let index = editor.index(DRIFT_SECTION_OPERATORS, "plain")
      editor.set(DRIFT_SECTION_OPERATORS, index, DRIFT_AT_operator_mode, UInt32(1))
      return editor.offset(DRIFT_SECTION_OPERATORS, index, DRIFT_AT_operator_groups)
    }
    // Factors for each value belong to groups.
    edit("plain-by-pixel-in-one", .constantShapeMismatch, base) { editor in
      let index = editor.index(DRIFT_SECTION_OPERATORS, "plain")
      editor.set(DRIFT_SECTION_OPERATORS, index, DRIFT_AT_operator_mode, UInt32(1))
      editor.set(DRIFT_SECTION_OPERATORS, index, DRIFT_AT_operator_groups, UInt32(1))
      return editor.offset(DRIFT_SECTION_OPERATORS, index, DRIFT_AT_operator_constants)
    }
  }

  private mutating func addGates(_ base: [UInt8]) {
    for column in [-2, 23, .max, .min] as [Int32] {
      transformer("column-\(column)", .gateColumnOutOfRange, "attended", DRIFT_AT_operator_gate_column, column, base: base)
    }
    transformer("column-19", .gateColumnOutOfRange, "spread", DRIFT_AT_operator_gate_column, Int32(19), base: base)
    for scale in [0, -1, 0x1p-6, 0x1p-41, Float.nan, .infinity] {
      transformer("scale-\(scale)", .gateScaleOutOfRange, "attended", DRIFT_AT_operator_gate_scale, scale, base: base)
    }
    transformer("gate", .operatorFieldUnused, "layer", DRIFT_AT_operator_gate_column, Int32(0), base: base)
    transformer("gate-scale", .operatorFieldUnused, "stem", DRIFT_AT_operator_gate_scale, Float(1), base: base)
  }

  private mutating func addStored(_ base: [UInt8]) {
    let constants = DRIFT_SECTION_CONSTANTS
    let editor = FileEditor(base)
    for (name, field, extents) in [
      ("k.values", DRIFT_AT_constant_outputs, [0, FormatLimits.storedRows + 1]), ("k.values", DRIFT_AT_constant_taps, [0, 3]),
      ("k.values", DRIFT_AT_constant_inputs, [0, FormatLimits.elements + 1, .max]),
      ("codes.codes", DRIFT_AT_constant_outputs, [0, 65536]),
      ("codes.codes", DRIFT_AT_constant_taps, [0, 2]), ("codes.codes", DRIFT_AT_constant_inputs, [0, 65536]),
      ("joined.indices", DRIFT_AT_constant_outputs, [0, .max]), ("joined.indices", DRIFT_AT_constant_inputs, [2]),
    ] as [(String, Int, [UInt32])] {
      for extent in extents {
        set(
          "\(name)-\(field)-\(extent)", .constantShapeOutOfRange, constants, editor.index(constants, name), field, extent,
          base: base)
      }
    }
    for mode in [0, 2] as [UInt32] {
      edit("k-mode-\(mode)", .loadRowsMismatch, base) { editor in
        let index = editor.index(DRIFT_SECTION_OPERATORS, "k")
        editor.set(DRIFT_SECTION_OPERATORS, index, DRIFT_AT_operator_mode, mode)
        return editor.offset(DRIFT_SECTION_OPERATORS, index, DRIFT_AT_operator_constants)
      }
    }
    let bytes: [(String, Int)] = [("k.values", 0), ("k.values", 119), ("v.values", 9 * 60 - 1)]
    for (name, position) in bytes {
      edit("\(name)-\(position)", .storedValueOutOfRange, base) { editor in
        let offset = editor.data(name) + position
        editor.store(Int8(-128), at: offset)
        return offset
      }
    }
    edit("extra.values-above-levels", .storedValueOutOfRange, base) { editor in
      let tensor = editor.index(DRIFT_SECTION_TENSORS, "extra")
      editor.set(DRIFT_SECTION_TENSORS, tensor, DRIFT_AT_tensor_levels, UInt32(15))
      for group in 0..<2 {
        let entry = group * Int(editor.section(DRIFT_SECTION_TENSORS).count) + tensor
        editor.set(DRIFT_SECTION_QUANTIZATION, entry, DRIFT_AT_quantization_zero_point, Int32(-128))
      }
      let data = editor.data("extra.values")
      return data + ((0..<30).first { editor.load(Int8.self, at: data + $0) > -113 } ?? 0)
    }
    for (name, position) in [("places.values", 0), ("codes.codes", 9 * 12 - 1)] {
      edit("\(name)-\(position)", .storedValueOutOfRange, base) { editor in
        let offset = editor.data(name) + 2 * position
        editor.store(Int16(-32768), at: offset)
        return offset
      }
    }
    // Six channels from pixels of eight values, of which six or, of the second input, seven count.
    for (pixel, value) in [(0, -2), (1, 176), (2, 1), (3, 125), (4, 130), (15, .max), (9, .min)] as [(Int, Int32)] {
      edit("pixel-\(pixel)-from-\(value)", .gatherIndexInvalid, base) { editor in
        let offset = editor.data("joined.indices") + 4 * pixel
        editor.store(value, at: offset)
        return offset
      }
    }
    edit("past-its-only-input", .gatherIndexInvalid, base) { editor in
      let offset = editor.data("large.indices")
      editor.store(Int32(16 * 12), at: offset)
      return offset
    }
    for gain in [0, -1, 0x1p21, Float.nan] {
      transformer("gain-\(gain)", .gainOutOfRange, "codes", DRIFT_AT_operator_gain, gain, base: base)
    }
  }

  private mutating func addShapes(_ base: [UInt8]) {
    let output = DRIFT_AT_operator_output
    input(.inputTypeMismatch, "product", 1, "rms", base: base)
    input(.inputShapeMismatch, "product", 1, "attended", base: base)
    transformer("input", .operatorInputMissing, "product", DRIFT_AT_operator_inputs + 4, Int32(-1), base: base)
    transformer("input", .operatorFieldUnused, "places", DRIFT_AT_operator_inputs, Int32(0), base: base)
    input(.inputTypeMismatch, "joined", 0, "spread", base: base)
    input(.inputTypeMismatch, "joined", 1, "spread", base: base)
    input(.inputTypeMismatch, "codes", 0, "latent", base: base)
    // Keys must have the queries' channels, values as many pixels as keys.
    input(.inputShapeMismatch, "cross", 1, "v", base: base)
    input(.inputShapeMismatch, "cross", 2, "q", base: base)
    input(.outputShapeMismatch, "cross", 2, "k", blames: output, base: base)
    transformer("heads-4", .headsInvalid, "cross", DRIFT_AT_operator_heads, UInt32(4), base: base)
    let editor = FileEditor(base)
    let values = Int32(editor.index(DRIFT_SECTION_CONSTANTS, "k.values"))
    for name in ["joined", "codes"] {
      transformer("values", .constantKindMismatch, name, DRIFT_AT_operator_constants, values, base: base)
    }
    for (name, bytes) in [("product", 64), ("codes", 64)] as [(String, UInt64)] {
      let record = editor.record(
        DRIFT_SECTION_OPERATORS, editor.index(DRIFT_SECTION_OPERATORS, name), as: drift_operator.self)
      transformer(
        "line-too-few", .scratchTooSmall, name, DRIFT_AT_operator_scratch_bytes, record.scratch_bytes - bytes, base: base)
    }
  }

  private mutating func addTransformerImages(_ base: [UInt8]) throws {
    let types: [(String, drift_type)] = [
      ("product", DRIFT_TYPE_FLOAT32), ("places", DRIFT_TYPE_INT8_PAIR), ("large", DRIFT_TYPE_INT8), ("codes", DRIFT_TYPE_INT8),
    ]
    for (name, type) in types {
      try image("\(name)-type-\(type.rawValue)", .outputTypeMismatch, TestImages.transformer()) { image in
        guard let index = image.tensors.firstIndex(where: { $0.name == name }) else { return }
        image.tensors[index].type = type
        for group in 0..<2 { image.quantization[group][index] = drift_quantization(scale: 1, zero_point: 0) }
      } at: { editor in
        editor.offset(DRIFT_SECTION_OPERATORS, editor.index(DRIFT_SECTION_OPERATORS, name), DRIFT_AT_operator_output)
      }
    }
    // A row that is no longer the tensor's, a gather for fewer pixels, codes of fewer channels.
    let changes: [(String, String, (inout DriftImage.Constant) -> Void)] = [
      ("places.values", "places", { ($0.inputs, $0.bytes) = (120, Array($0.bytes.dropLast(16))) }),
      ("extra.values", "extra", { ($0.taps, $0.inputs) = (2, 24) }),
      ("joined.indices", "joined", { ($0.outputs, $0.bytes) = (15, Array($0.bytes.dropLast(4))) }),
      ("codes.codes", "codes", { ($0.outputs, $0.inputs) = (12, 9) }),
      ("plain.gamma", "plain", { ($0.outputs, $0.bytes) = (95, Array($0.bytes.dropLast(4))) }),
    ]
    for (constant, operation, change) in changes {
      try image("\(constant)-reshaped", .constantShapeMismatch, TestImages.transformer()) { image in
        guard let index = image.constants.firstIndex(where: { $0.name == constant }) else { return }
        change(&image.constants[index])
      } at: { editor in
        let index = editor.index(DRIFT_SECTION_OPERATORS, operation)
        return editor.offset(DRIFT_SECTION_OPERATORS, index, DRIFT_AT_operator_constants)
      }
    }
  }
}
