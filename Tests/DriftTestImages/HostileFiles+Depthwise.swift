import DriftEmission
import DriftFormat

extension HostileFiles {
  /// What a depthwise convolution must not be. Names begin with the operator's.
  mutating func addDepthwise() throws {
    addDepthwiseFields()
    addDepthwiseWeights()
    try addDepthwiseImages()
  }

  private mutating func addDepthwiseFields() {
    for extent in [0, 256, .max] as [UInt32] {
      operation("height-\(extent)", .kernelOutOfRange, "spread", DRIFT_AT_operator_kernel_height, extent)
      operation("width-\(extent)", .kernelOutOfRange, "spread", DRIFT_AT_operator_kernel_width, extent)
      operation("stride-\(extent)", .strideOutOfRange, "spread", DRIFT_AT_operator_stride, extent)
    }
    operation("top-3", .paddingOutOfRange, "spread", DRIFT_AT_operator_pad_top, UInt32(3))
    operation("left-max", .paddingOutOfRange, "spread", DRIFT_AT_operator_pad_left, UInt32.max)
    operation("upsample-1", .operatorFieldUnused, "spread", DRIFT_AT_operator_upsample, UInt32(1))
    operation("gain", .operatorFieldUnused, "spread", DRIFT_AT_operator_gain, Float(1))
    operation("input-1", .operatorInputMissing, "spread", DRIFT_AT_operator_inputs, Int32(-1))
    input(.operatorFieldUnused, "spread", 1, "sum")
    input(.inputTypeMismatch, "spread", 0, "sum")
    input(.outputShapeMismatch, "spread", 0, "both", blames: DRIFT_AT_operator_output)
    operation("column-11", .stepColumnOutOfRange, "spread", DRIFT_AT_operator_step_column, Int32(11))
    operation("scale-64", .stepScaleOutOfRange, "spread", DRIFT_AT_operator_step_scale, Float(64))
    edit("spread-stride-2", .outputShapeMismatch) { editor in
      let index = editor.index(DRIFT_SECTION_OPERATORS, "spread")
      editor.set(DRIFT_SECTION_OPERATORS, index, DRIFT_AT_operator_stride, UInt32(2))
      return editor.offset(DRIFT_SECTION_OPERATORS, index, DRIFT_AT_operator_output)
    }
    edit("spread-fewer-taps", .constantShapeMismatch) { editor in
      let index = editor.index(DRIFT_SECTION_OPERATORS, "spread")
      editor.set(DRIFT_SECTION_OPERATORS, index, DRIFT_AT_operator_kernel_height, UInt32(1))
      editor.set(DRIFT_SECTION_OPERATORS, index, DRIFT_AT_operator_pad_top, UInt32(0))
      return editor.offset(DRIFT_SECTION_OPERATORS, index, DRIFT_AT_operator_constants)
    }
    // Weights of a full convolution in place of depthwise ones, and the other way round.
    let editor = FileEditor(complete)
    let full = editor.index(DRIFT_SECTION_CONSTANTS, "mixed.weights")
    let depthwise = editor.index(DRIFT_SECTION_CONSTANTS, "spread.weights")
    operation("full-weights", .constantKindMismatch, "spread", DRIFT_AT_operator_constants, Int32(full))
    operation("depthwise-weights", .constantKindMismatch, "mixed", DRIFT_AT_operator_constants, Int32(depthwise))
    let scratch = editor.record(
      DRIFT_SECTION_OPERATORS, editor.index(DRIFT_SECTION_OPERATORS, "spread"), as: drift_operator.self)
    operation("line-too-few", .scratchTooSmall, "spread", DRIFT_AT_operator_scratch_bytes, scratch.scratch_bytes - 64)
  }

  private mutating func addDepthwiseWeights() {
    let constants = DRIFT_SECTION_CONSTANTS
    let weights = FileEditor(complete).index(constants, "spread.weights")
    for extent in [0, 65536, .max] as [UInt32] {
      set("depthwise-outputs-\(extent)", .constantShapeOutOfRange, constants, weights, DRIFT_AT_constant_outputs, extent)
      set("depthwise-taps-\(extent)", .constantShapeOutOfRange, constants, weights, DRIFT_AT_constant_taps, extent)
    }
    set("depthwise-inputs-2", .constantShapeOutOfRange, constants, weights, DRIFT_AT_constant_inputs, UInt32(2))
    set("depthwise-length", .constantLengthMismatch, constants, weights, DRIFT_AT_constant_length, UInt64(72))
    // Eight channels: 8 to 15 of each tap are padding.
    let bytes: [(String, DriftErrorCode, Int, Int8)] = [
      ("first", .weightOutOfRange, 0, -128), ("last", .weightOutOfRange, 8 * 16 + 7, -128),
      ("padding", .weightPaddingNotZero, 8, 1), ("last-padding", .weightPaddingNotZero, 8 * 16 + 15, -1),
    ]
    for (name, code, position, value) in bytes {
      edit("depthwise-\(name)", code) { editor in
        let offset = editor.data("spread.weights") + position
        editor.store(value, at: offset)
        return offset
      }
    }
    edit("depthwise-off-by-one", .weightSumMismatch) { editor in
      let offset = editor.data("spread.sums") + 7 * 4
      editor.store(editor.load(Int32.self, at: offset) + 1, at: offset)
      return offset
    }
    for (name, constant, value) in [("bias", "spread.bias", Float(0x1.000002p20)), ("scale", "spread.scales", -0.01)] {
      edit("depthwise-\(name)", .floatOutOfRange) { editor in
        let offset = editor.data(constant) + 4
        editor.store(value, at: offset)
        return offset
      }
    }
  }

  private mutating func addDepthwiseImages() throws {
    for type in [DRIFT_TYPE_FLOAT32, DRIFT_TYPE_INT8_PAIR] {
      try image("spread-type-\(type.rawValue)", .outputTypeMismatch) { image in
        guard let index = image.tensors.firstIndex(where: { $0.name == "spread" }) else { return }
        image.tensors[index].type = type
        for group in 0..<2 { image.quantization[group][index] = drift_quantization(scale: 1, zero_point: 0) }
      } at: { editor in
        editor.offset(DRIFT_SECTION_OPERATORS, editor.index(DRIFT_SECTION_OPERATORS, "spread"), DRIFT_AT_operator_output)
      }
    }
    for (name, position) in [("scales", 1), ("bias", 2), ("sums", 3)] {
      try image("spread-\(name)-short", .constantShapeMismatch) { image in
        guard let index = image.constants.firstIndex(where: { $0.name == "spread.\(name)" }) else { return }
        image.constants[index].outputs -= 1
        image.constants[index].bytes.removeLast(4)
      } at: { editor in
        let index = editor.index(DRIFT_SECTION_OPERATORS, "spread")
        return editor.offset(DRIFT_SECTION_OPERATORS, index, DRIFT_AT_operator_constants + position * 4)
      }
    }
  }
}
