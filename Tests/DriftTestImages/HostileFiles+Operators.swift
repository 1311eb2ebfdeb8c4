import DriftEmission
import DriftFormat

extension HostileFiles {
  /// Sets a field of an operator of the complete file.
  mutating func operation<Value>(_ name: String, _ code: DriftErrorCode, _ operation: String, _ field: Int, _ value: Value) {
    let index = FileEditor(complete).index(DRIFT_SECTION_OPERATORS, operation)
    set("\(operation)-\(name)", code, DRIFT_SECTION_OPERATORS, index, field, value)
  }

  /// Lets an operator read another tensor; the error must name this input, or the field that is given.
  mutating func input(
    _ code: DriftErrorCode, _ operation: String, _ position: Int, _ tensor: String, blames field: Int? = nil
  ) {
    edit("\(operation)-reads-\(tensor)", code) { editor in
      let index = editor.index(DRIFT_SECTION_OPERATORS, operation)
      let input = DRIFT_AT_operator_inputs + position * 4
      editor.set(DRIFT_SECTION_OPERATORS, index, input, Int32(editor.index(DRIFT_SECTION_TENSORS, tensor)))
      return editor.offset(DRIFT_SECTION_OPERATORS, index, field ?? input)
    }
  }

  mutating func addOperators() {
    operation("mode-1", .operatorModeUnknown, "stem", DRIFT_AT_operator_mode, UInt32(1))
    operation("mode-3", .operatorModeUnknown, "norm", DRIFT_AT_operator_mode, UInt32(3))
    for opcode in [0, 100, 1000, .max] as [UInt32] {
      operation("opcode-\(opcode)", .opcodeUnknown, "stem", DRIFT_AT_operator_opcode, opcode)
    }
    addUnusedFields()

    for (name, position) in [("stem", 0), ("sum", 0), ("sum", 1), ("attention", 2), ("norm", 0)] {
      operation("input-\(position)", .operatorInputMissing, name, DRIFT_AT_operator_inputs + position * 4, Int32(-1))
    }
    let tensors = Int32(FileEditor(complete).section(DRIFT_SECTION_TENSORS).count)
    for tensor in [-2, .min, .max, tensors] {
      operation("reads-\(tensor)", .operatorInputInvalid, "coarse", DRIFT_AT_operator_inputs, tensor)
    }
    input(.operatorInputInvalid, "coarse", 0, "coarse")
    input(.operatorInputInvalid, "coarse", 0, "sum")
    input(.operatorInputInvalid, "coarse", 0, "history.0")
    input(.operatorInputInvalid, "expert.conv", 0, "coarse")
    for tensor in [-1, 0, .max] as [Int32] {
      operation("writes-\(tensor)", .operatorOutputInvalid, "coarse", DRIFT_AT_operator_output, tensor)
    }
    let constants = Int32(FileEditor(complete).section(DRIFT_SECTION_CONSTANTS).count)
    for constant in [-1, -2, .max, constants] {
      operation("constant-\(constant)", .operatorConstantInvalid, "stem", DRIFT_AT_operator_constants + 8, constant)
    }
    edit("table-absent", .operatorConstantInvalid) { editor in
      let index = editor.index(DRIFT_SECTION_OPERATORS, "relu")
      editor.set(DRIFT_SECTION_OPERATORS, index, DRIFT_AT_operator_activation, DRIFT_ACTIVATION_TABLE.rawValue)
      return editor.offset(DRIFT_SECTION_OPERATORS, index, DRIFT_AT_operator_constants + 8)
    }
    let exp = Int32(FileEditor(complete).index(DRIFT_SECTION_CONSTANTS, "exp"))
    operation("exp-as-table", .constantKindMismatch, "smooth", DRIFT_AT_operator_constants + 8, exp)
    operation("table-as-weights", .constantKindMismatch, "stem", DRIFT_AT_operator_constants, exp)
    operation("table-as-exp", .constantKindMismatch, "attention", DRIFT_AT_operator_constants, Int32(0))
  }

  private mutating func addUnusedFields() {
    let fields: [(String, Int)] = [
      ("kernel-height", DRIFT_AT_operator_kernel_height), ("kernel-width", DRIFT_AT_operator_kernel_width),
      ("stride", DRIFT_AT_operator_stride), ("pad-top", DRIFT_AT_operator_pad_top), ("pad-left", DRIFT_AT_operator_pad_left),
      ("upsample", DRIFT_AT_operator_upsample), ("activation", DRIFT_AT_operator_activation), ("groups", DRIFT_AT_operator_groups),
      ("heads", DRIFT_AT_operator_heads), ("epsilon", DRIFT_AT_operator_epsilon), ("step-column", DRIFT_AT_operator_step_column),
      ("step-scale", DRIFT_AT_operator_step_scale),
    ]
    for (name, field) in fields { operation(name, .operatorFieldUnused, "sum", field, UInt32(1)) }
    for field in [DRIFT_AT_operator_gain, DRIFT_AT_operator_gain_a] {
      operation("gain-\(field)", .operatorFieldUnused, "join", field, Float(1))
    }
    operation("gain-without-residual", .operatorFieldUnused, "down", DRIFT_AT_operator_gain, Float(1))
    operation("input-2", .operatorFieldUnused, "sum", DRIFT_AT_operator_inputs + 8, Int32(0))
    operation("input-3", .operatorFieldUnused, "attention", DRIFT_AT_operator_inputs + 12, Int32(0))
    operation("constant-0", .operatorFieldUnused, "sum", DRIFT_AT_operator_constants, Int32(0))
    operation("constant-3", .operatorFieldUnused, "norm", DRIFT_AT_operator_constants + 12, Int32(0))
    operation("table", .operatorFieldUnused, "relu", DRIFT_AT_operator_constants + 8, Int32(0))
  }

  mutating func addOperatorShapes() {
    input(.inputTypeMismatch, "stem", 0, "x")
    input(.inputTypeMismatch, "block", 0, "stem")
    input(.inputTypeMismatch, "norm", 0, "coarse")
    input(.inputTypeMismatch, "sum", 0, "coarse")
    input(.inputTypeMismatch, "small", 0, "attention")
    input(.inputTypeMismatch, "attention", 1, "both")
    input(.inputTypeMismatch, "smooth", 0, "both")
    input(.inputTypeMismatch, "mixed", 1, "attention")
    input(.inputShapeMismatch, "sum", 1, "join")
    input(.inputShapeMismatch, "sum", 1, "block")
    input(.inputShapeMismatch, "mixed", 1, "join")
    input(.inputShapeMismatch, "join", 1, "block")
    input(.inputShapeMismatch, "both", 1, "block")
    let output = DRIFT_AT_operator_output
    input(.outputShapeMismatch, "small", 0, "join", blames: output)
    input(.outputShapeMismatch, "relu", 0, "join", blames: output)
    input(.outputShapeMismatch, "up", 0, "join", blames: output)
    input(.outputShapeMismatch, "pool", 0, "down", blames: output)
    input(.outputShapeMismatch, "both", 0, "join", blames: output)
    input(.outputShapeMismatch, "join", 1, "down", blames: output)
    for stride in [1, 3] as [UInt32] {
      edit("down-stride-\(stride)", .outputShapeMismatch) { editor in
        let index = editor.index(DRIFT_SECTION_OPERATORS, "down")
        editor.set(DRIFT_SECTION_OPERATORS, index, DRIFT_AT_operator_stride, stride)
        return editor.offset(DRIFT_SECTION_OPERATORS, index, output)
      }
    }
    edit("right-not-enlarged", .outputShapeMismatch) { editor in
      let index = editor.index(DRIFT_SECTION_OPERATORS, "right")
      editor.set(DRIFT_SECTION_OPERATORS, index, DRIFT_AT_operator_upsample, UInt32(0))
      return editor.offset(DRIFT_SECTION_OPERATORS, index, output)
    }
    input(.constantShapeMismatch, "left", 0, "fine", blames: DRIFT_AT_operator_constants)
    edit("fewer-taps", .constantShapeMismatch) { editor in
      let index = editor.index(DRIFT_SECTION_OPERATORS, "stem")
      editor.set(DRIFT_SECTION_OPERATORS, index, DRIFT_AT_operator_kernel_height, UInt32(1))
      editor.set(DRIFT_SECTION_OPERATORS, index, DRIFT_AT_operator_pad_top, UInt32(0))
      return editor.offset(DRIFT_SECTION_OPERATORS, index, DRIFT_AT_operator_constants)
    }
    addAttributes()
  }

  private mutating func addAttributes() {
    for extent in [0, 256, .max] as [UInt32] {
      operation("height-\(extent)", .kernelOutOfRange, "stem", DRIFT_AT_operator_kernel_height, extent)
      operation("width-\(extent)", .kernelOutOfRange, "stem", DRIFT_AT_operator_kernel_width, extent)
      operation("stride-\(extent)", .strideOutOfRange, "stem", DRIFT_AT_operator_stride, extent)
    }
    for pad in [3, .max] as [UInt32] {
      operation("top-\(pad)", .paddingOutOfRange, "stem", DRIFT_AT_operator_pad_top, pad)
      operation("left-\(pad)", .paddingOutOfRange, "stem", DRIFT_AT_operator_pad_left, pad)
    }
    for value in [2, 3, 64, .max] as [UInt32] {
      operation("upsample-\(value)", .upsampleOutOfRange, "stem", DRIFT_AT_operator_upsample, value)
    }
    operation("phases-kernel-height", .kernelOutOfRange, "phased", DRIFT_AT_operator_kernel_height, UInt32(3))
    operation("phases-kernel-width", .kernelOutOfRange, "phased", DRIFT_AT_operator_kernel_width, UInt32(3))
    operation("phases-stride", .strideOutOfRange, "phased", DRIFT_AT_operator_stride, UInt32(2))
    operation("phases-top", .paddingOutOfRange, "phased", DRIFT_AT_operator_pad_top, UInt32(0))
    operation("phases-left", .paddingOutOfRange, "phased", DRIFT_AT_operator_pad_left, UInt32(0))
    operation("phases-without-blocks", .upsampleOutOfRange, "right", DRIFT_AT_operator_upsample, UInt32(2))
    operation("activation-4", .activationUnknown, "norm", DRIFT_AT_operator_activation, UInt32(4))
    for groups in [0, 4, 12, .max] as [UInt32] {
      operation("groups-\(groups)", .groupsInvalid, "norm", DRIFT_AT_operator_groups, groups)
    }
    for heads in [0, 3, 16, .max] as [UInt32] {
      operation("heads-\(heads)", .headsInvalid, "attention", DRIFT_AT_operator_heads, heads)
    }
    for epsilon in [0, -1, 2, 0x1p-41, Float.nan] {
      operation("epsilon-\(epsilon)", .epsilonOutOfRange, "norm", DRIFT_AT_operator_epsilon, epsilon)
    }
    for gain in [Float.nan, .infinity, 0x1p21, 0x1p-101] {
      operation("gain-\(gain)", .gainOutOfRange, "block", DRIFT_AT_operator_gain, gain)
      operation("gain-\(gain)", .gainOutOfRange, "sum", DRIFT_AT_operator_gain, gain)
      operation("gain-a-\(gain)", .gainOutOfRange, "sum", DRIFT_AT_operator_gain_a, gain)
    }
    for gain in [0, -1, 0x1p21, Float.nan] {
      operation("gain-\(gain)", .gainOutOfRange, "attention", DRIFT_AT_operator_gain, gain)
    }
    for column in [-2, 13, .max, .min] as [Int32] {
      operation("column-\(column)", .stepColumnOutOfRange, "stem", DRIFT_AT_operator_step_column, column)
    }
    operation("column-7", .stepColumnOutOfRange, "norm", DRIFT_AT_operator_step_column, Int32(7))
    for scale in [0, -1, 0x1p6, Float.nan] {
      operation("scale-\(scale)", .stepScaleOutOfRange, "stem", DRIFT_AT_operator_step_scale, scale)
    }
    operation("scale-1", .stepScaleOutOfRange, "norm", DRIFT_AT_operator_step_scale, Float(1))
  }

  /// Rules that need other tensors than those of the complete file.
  mutating func addOperatorImages() throws {
    let types: [(String, drift_type)] = [
      ("coarse", DRIFT_TYPE_INT16), ("block", DRIFT_TYPE_FLOAT32), ("stem", DRIFT_TYPE_INT8_PAIR), ("norm", DRIFT_TYPE_FLOAT32),
      ("sum", DRIFT_TYPE_INT8), ("attention", DRIFT_TYPE_INT16), ("relu", DRIFT_TYPE_FLOAT32),
    ]
    for (name, type) in types {
      try image("\(name)-type-\(type.rawValue)", .outputTypeMismatch) { image in
        guard let index = image.tensors.firstIndex(where: { $0.name == name }) else { return }
        image.tensors[index].type = type
        for group in 0..<2 { image.quantization[group][index] = drift_quantization(scale: 1, zero_point: 0) }
      } at: { editor in
        editor.offset(DRIFT_SECTION_OPERATORS, editor.index(DRIFT_SECTION_OPERATORS, name), DRIFT_AT_operator_output)
      }
    }
    let shortened: [(String, String, Int)] = [
      ("v.bias", "v", 2), ("k.scales", "k", 1), ("q.sums", "q", 3), ("norm.beta", "norm", 1),
    ]
    for (name, operation, position) in shortened {
      try image("\(name)-short", .constantShapeMismatch) { image in
        guard let index = image.constants.firstIndex(where: { $0.name == name }) else { return }
        image.constants[index].outputs -= 1
        image.constants[index].bytes.removeLast(4)
      } at: { editor in
        let index = editor.index(DRIFT_SECTION_OPERATORS, operation)
        return editor.offset(DRIFT_SECTION_OPERATORS, index, DRIFT_AT_operator_constants + position * 4)
      }
    }
    // 258 * 258 = 66564 tokens.
    try image("long", .attentionTooLong, TestImages.attention(size: 258)) { editor in
      let index = editor.index(DRIFT_SECTION_OPERATORS, "attention")
      return editor.offset(DRIFT_SECTION_OPERATORS, index, DRIFT_AT_operator_inputs + 4)
    }
  }
}
