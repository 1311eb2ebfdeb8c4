import DriftEmission
import DriftFormat

extension HostileFiles {
  /// Sets a field of a tensor of the complete file.
  private mutating func tensor<Value>(_ name: String, _ code: DriftErrorCode, _ tensor: String, _ field: Int, _ value: Value) {
    let index = FileEditor(complete).index(DRIFT_SECTION_TENSORS, tensor)
    set(name, code, DRIFT_SECTION_TENSORS, index, field, value)
  }

  mutating func addTensors() {
    for (name, levels) in [("stem", 1), ("x", 255), ("fine", 4)] as [(String, UInt32)] {
      tensor("\(name)-levels-\(levels)", .tensorLevelsUnused, name, DRIFT_AT_tensor_levels, levels)
    }
    for levels in [0, 256, 1 << 31, .max] as [UInt32] {
      tensor("levels-\(levels)", .tensorLevelsOutOfRange, "coarse", DRIFT_AT_tensor_levels, levels)
    }
    for levels in [0, 1, 15, 255, .max] as [UInt32] {
      tensor("symmetric-levels-\(levels)", .tensorLevelsOutOfRange, "q", DRIFT_AT_tensor_levels, levels)
    }
    for type in [0, 7, 40, .max] as [UInt32] {
      tensor("type-\(type)", .tensorTypeUnknown, "stem", DRIFT_AT_tensor_type, type)
    }
    tensor("flag-8", .tensorFlagsInvalid, "q", DRIFT_AT_tensor_flags, UInt32(8))
    tensor("symmetric-trunk", .tensorFlagsInvalid, "stem", DRIFT_AT_tensor_flags, DRIFT_TENSOR_SYMMETRIC.rawValue)
    tensor("persistent-output", .tensorFlagsInvalid, "stem", DRIFT_AT_tensor_flags, DRIFT_TENSOR_PERSISTENT.rawValue)
    for extent in [0, 65536, .max] as [UInt32] {
      tensor("height-\(extent)", .tensorShapeOutOfRange, "stem", DRIFT_AT_tensor_height, extent)
      tensor("width-\(extent)", .tensorShapeOutOfRange, "stem", DRIFT_AT_tensor_width, extent)
      tensor("channels-\(extent)", .tensorShapeOutOfRange, "stem", DRIFT_AT_tensor_channels, extent)
    }
    for stride in [0, 6, 12] as [UInt32] {
      tensor("stride-\(stride)", .tensorStrideMismatch, "stem", DRIFT_AT_tensor_channel_stride, stride)
    }
    tensor("float-stride-4", .tensorStrideMismatch, "x", DRIFT_AT_tensor_channel_stride, UInt32(4))
    for length in [0, 1023, 1088, .max] as [UInt64] {
      tensor("length-\(length)", .tensorLengthMismatch, "stem", DRIFT_AT_tensor_byte_length, length)
    }
    tensor("offset-8", .tensorMisaligned, "stem", DRIFT_AT_tensor_arena_offset, UInt64(8))
    for offset in [1 << 30, 1 << 63, UInt64.max - 63] as [UInt64] {
      tensor("offset-\(offset)", .tensorOutsideArena, "stem", DRIFT_AT_tensor_arena_offset, offset)
    }
    edit("one-persistent-less", .tensorCountMismatch) { editor in
      editor.set(DRIFT_SECTION_TENSORS, editor.index(DRIFT_SECTION_TENSORS, "e.class"), DRIFT_AT_tensor_flags, UInt32(0))
      return editor.offset(DRIFT_SECTION_TENSORS)
    }
  }

  mutating func addQuantization() {
    let quantization = DRIFT_SECTION_QUANTIZATION
    let editor = FileEditor(complete)
    let count = Int(editor.section(DRIFT_SECTION_TENSORS).count)
    edit("one-group-less", .quantizationSizeMismatch) { editor in
      editor.set(DRIFT_SECTION_MODEL, 0, DRIFT_AT_model_group_count, UInt32(1))
      return editor.offset(quantization)
    }
    let stem = count + editor.index(DRIFT_SECTION_TENSORS, "stem")
    for scale in [0, -1, 0x1p21, 0x1p-41, Float.nan, .infinity, .leastNonzeroMagnitude] {
      set("scale-\(scale)", .scaleOutOfRange, quantization, stem, DRIFT_AT_quantization_scale, scale)
    }
    set("float-scale-2", .scaleOutOfRange, quantization, count, DRIFT_AT_quantization_scale, Float(2))
    let points: [(String, [Int32])] = [
      ("coarse", [128, -129, .max, .min]), ("stem", [1]), ("fine", [-1]), ("q", [1]), ("x", [1]),
    ]
    for (name, values) in points {
      let index = count + editor.index(DRIFT_SECTION_TENSORS, name)
      for value in values {
        set("\(name)-\(value)", .zeroPointOutOfRange, quantization, index, DRIFT_AT_quantization_zero_point, value)
      }
    }
    edit("above-levels", .zeroPointOutsideLevels) { editor in
      let tensor = editor.index(DRIFT_SECTION_TENSORS, "coarse")
      editor.set(DRIFT_SECTION_TENSORS, tensor, DRIFT_AT_tensor_levels, UInt32(15))
      editor.set(quantization, tensor, DRIFT_AT_quantization_zero_point, Int32(-112))
      return editor.offset(quantization, tensor, DRIFT_AT_quantization_zero_point)
    }
    let up = count + editor.index(DRIFT_SECTION_TENSORS, "up")
    set("upsample", .scalesDiffer, quantization, up, DRIFT_AT_quantization_scale, Float(0.25))
  }

  /// Sets a field of a constant of the complete file.
  private mutating func constant<Value>(_ name: String, _ code: DriftErrorCode, _ constant: String, _ field: Int, _ value: Value) {
    let index = FileEditor(complete).index(DRIFT_SECTION_CONSTANTS, constant)
    set(name, code, DRIFT_SECTION_CONSTANTS, index, field, value)
  }

  /// Overwrites a part of a constant of the complete file.
  private mutating func contents<Value>(
    _ name: String, _ code: DriftErrorCode, _ constant: String, at position: Int, _ value: Value
  ) {
    edit(name, code) { editor in
      let offset = editor.data(constant) + position
      editor.store(value, at: offset)
      return offset
    }
  }

  mutating func addConstants() throws {
    constant("reserved", .constantReservedNotZero, "stem.bias", DRIFT_AT_constant_reserved, UInt32(1))
    for kind in [0, 200, .max] as [UInt32] {
      constant("kind-\(kind)", .constantKindUnknown, "stem.bias", DRIFT_AT_constant_kind, kind)
    }
    for extent in [0, 65536, .max] as [UInt32] {
      constant("weights-outputs-\(extent)", .constantShapeOutOfRange, "stem.weights", DRIFT_AT_constant_outputs, extent)
      constant("weights-taps-\(extent)", .constantShapeOutOfRange, "stem.weights", DRIFT_AT_constant_taps, extent)
      constant("weights-inputs-\(extent)", .constantShapeOutOfRange, "stem.weights", DRIFT_AT_constant_inputs, extent)
    }
    for extent in [0, FormatLimits.elements + 1, .max] {
      constant("floats-outputs-\(extent)", .constantShapeOutOfRange, "stem.bias", DRIFT_AT_constant_outputs, extent)
    }
    constant("floats-taps-2", .constantShapeOutOfRange, "stem.bias", DRIFT_AT_constant_taps, UInt32(2))
    constant("sums-inputs-0", .constantShapeOutOfRange, "stem.sums", DRIFT_AT_constant_inputs, UInt32(0))
    constant("table-2047", .constantShapeOutOfRange, "silu", DRIFT_AT_constant_outputs, UInt32(2047))
    constant("exp-2049", .constantShapeOutOfRange, "exp", DRIFT_AT_constant_outputs, UInt32(2049))
    for length in [0, 28, UInt64.max] {
      constant("length-\(length)", .constantLengthMismatch, "stem.bias", DRIFT_AT_constant_length, length)
    }
    for offset in [0, 8, 1 << 40, UInt64.max - 63] {
      constant("offset-\(offset)", .constantMisplaced, "stem.bias", DRIFT_AT_constant_offset, offset)
    }
    edit("hidden-line", .constantMisplaced) { editor in
      let section = editor.section(DRIFT_SECTION_DATA)
      editor.insert([UInt8](repeating: 7, count: 64), into: DRIFT_SECTION_DATA, at: Int(section.length))
      let entry = editor.tableEntry(DRIFT_SECTION_DATA)
      editor.store(section.length + 64, at: entry + DRIFT_AT_section_length)
      editor.store(section.count + 64, at: entry + DRIFT_AT_section_count)
      return editor.offset(DRIFT_SECTION_DATA, Int(section.length))
    }
    addConstantContents()
    try addConstantImages()
  }

  private mutating func addConstantContents() {
    contents("first", .weightOutOfRange, "stem.weights", at: 0, Int8(-128))
    // Six outputs: channels 6 to 15 of each block are padding. One input: so are inputs 1 to 3.
    contents("channel-6", .weightPaddingNotZero, "stem.weights", at: 6 * 4, Int8(1))
    contents("input-1", .weightPaddingNotZero, "stem.weights", at: 1, Int8(1))
    contents("last-tap", .weightPaddingNotZero, "stem.weights", at: 8 * 64 + 5 * 4 + 3, Int8(-1))
    edit("off-by-one", .weightSumMismatch) { editor in
      let offset = editor.data("stem.sums") + 5 * 4
      editor.store(editor.load(Int32.self, at: offset) + 1, at: offset)
      return offset
    }
    for value in [Float.nan, .infinity, -.infinity, 0x1p-101, .leastNonzeroMagnitude] {
      contents("bias-\(value)", .floatInvalid, "stem.bias", at: 4, value)
    }
    contents("table-nan", .floatInvalid, "silu", at: 2047 * 4, Float.nan)
    contents("bias", .floatOutOfRange, "stem.bias", at: 8, Float(0x1.000002p20))
    contents("scale-zero", .floatOutOfRange, "stem.scales", at: 0, Float(0))
    contents("scale-negative", .floatOutOfRange, "stem.scales", at: 0, Float(-0.01))
    contents("gamma", .floatOutOfRange, "norm.gamma", at: 0, Float(0x1p17))
    contents("beta", .floatOutOfRange, "norm.beta", at: 20, Float(-0x1p17))
    contents("table", .floatOutOfRange, "silu", at: 0, Float(0x1p17))
    contents("bump-limit-zero", .bumpInvalid, "bump", at: 0, Float(0))
    contents("bump-limit", .bumpInvalid, "bump", at: 0, Float(65))
    contents("bump-steep", .bumpInvalid, "bump", at: 20, Float(1))
    contents("bump-tail", .bumpInvalid, "bump", at: 28, Float(1))
    contents("starts-at-254", .expTableInvalid, "exp", at: 0, UInt8(254))
    contents("rises", .expTableInvalid, "exp", at: 2047, UInt8(255))
  }

  private mutating func addConstantImages() throws {
    var image = try TestImages.minimal().canonical()
    image.constants.append(.init(name: "payload", kind: DRIFT_CONSTANT_FLOATS, outputs: 1, bytes: [0, 0, 128, 63]))
    let bytes = image.written()
    add("unused", .constantOrderInvalid, at: FileEditor(bytes).offset(DRIFT_SECTION_CONSTANTS, 4), bytes)
    let editor = FileEditor(complete)
    let field = DRIFT_AT_operator_constants
    let (k, v) = (editor.index(DRIFT_SECTION_OPERATORS, "k"), editor.index(DRIFT_SECTION_OPERATORS, "v"))
    let bias = Int32(editor.index(DRIFT_SECTION_CONSTANTS, "k.bias"))
    set("skips-one", .constantOrderInvalid, DRIFT_SECTION_OPERATORS, k, field + 4, bias)
    set("used-twice", .constantOrderInvalid, DRIFT_SECTION_OPERATORS, v, field + 8, bias)

    // 7344 inputs * 9 taps * 127 is just beyond 2^23.
    try self.image("wide", .accumulatorOverflow, TestImages.wide(inputs: 7344), at: { $0.data("squeeze.sums") })
  }
}
