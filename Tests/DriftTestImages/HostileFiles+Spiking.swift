import DriftEmission
import DriftFormat

extension HostileFiles {
  /// Files that abuse neurons, membranes and the events between them.
  mutating func addSpiking() throws {
    let base = try TestImages.spiking().encode()
    let editor = FileEditor(base)
    try addStateFeatures(base, editor)
    addStateTensors(base, editor)
    addStatePlaces(base, editor)
    try addStateOwners(base, editor)
    try addNeurons(base, editor)
    try addMembranes(base, editor)
    try addReadersOfState(base, editor)
  }

  private mutating func addStateFeatures(_ base: [UInt8], _ editor: FileEditor) throws {
    let (model, tensors, field) = (DRIFT_SECTION_MODEL, DRIFT_SECTION_TENSORS, DRIFT_AT_header_required_features)
    for features in [0, 1, 3] as [UInt64] {
      edit("state-features-\(features)", .featureUnused, base) { editor in
        editor.store(features, at: field)
        return field
      }
    }
    edit("spiking-without-state", .featureUnused, minimal) { editor in
      editor.store(UInt64(DRIFT_FEATURE_SPIKING.rawValue), at: field)
      return field
    }
    // Both kinds of what lives from step to step, one on the other.
    let down = editor.index(tensors, "down")
    edit("kept-and-state", .featureUnused, base) { editor in
      let record = editor.record(tensors, down, as: drift_tensor.self)
      editor.set(tensors, down, DRIFT_AT_tensor_flags, DRIFT_TENSOR_KEPT.rawValue)
      editor.set(tensors, down, DRIFT_AT_tensor_arena_offset, UInt64(0))
      editor.set(model, 0, DRIFT_AT_model_kept_bytes, (record.byte_length + 63) / 64 * 64)
      return field
    }
    let kept = editor.record(model, 0, as: drift_model.self).kept_bytes
    for bytes in [0, kept - 64, kept + 64] {
      set("state-\(bytes)", .keptBytesMismatch, model, 0, DRIFT_AT_model_kept_bytes, bytes, base: base)
    }
  }

  private mutating func addStateTensors(_ base: [UInt8], _ editor: FileEditor) {
    let tensors = DRIFT_SECTION_TENSORS
    let state = DRIFT_TENSOR_STATE.rawValue, persistent = DRIFT_TENSOR_PERSISTENT.rawValue
    for (name, flags) in [
      ("norm", state), ("norm", state | persistent), ("x", state | persistent), ("norm.events", persistent),
      ("norm.events", state), ("norm.events", DRIFT_TENSOR_KEPT.rawValue), ("norm.events", DRIFT_TENSOR_SYMMETRIC.rawValue),
      ("norm.sent", persistent | state | DRIFT_TENSOR_SYMMETRIC.rawValue), ("norm.sent", persistent | state | 16),
      ("down.membranes", persistent | state | DRIFT_TENSOR_KEPT.rawValue),
    ] {
      set(
        "state-\(name)-\(flags)", .tensorFlagsInvalid, tensors, editor.index(tensors, name), DRIFT_AT_tensor_flags, flags,
        base: base)
    }
    // Membranes that are no state.
    edit("int32-output", .tensorFlagsInvalid, base) { editor in
      let large = editor.index(tensors, "large")
      editor.set(tensors, large, DRIFT_AT_tensor_type, DRIFT_TYPE_INT32.rawValue)
      editor.set(tensors, large, DRIFT_AT_tensor_byte_length, UInt64(4 * 64 * 16))
      return editor.offset(tensors, large, DRIFT_AT_tensor_flags)
    }
    let (events, membranes) = (editor.index(tensors, "norm.events"), editor.index(tensors, "down.membranes"))
    for stride in [8, 15, 32] as [UInt32] {
      set("membranes-\(stride)", .tensorStrideMismatch, tensors, membranes, DRIFT_AT_tensor_channel_stride, stride, base: base)
    }
    let length = editor.record(tensors, events, as: drift_tensor.self).byte_length
    for bytes in [0, 64 * 8, length - 64, length - 1, length + 64, UInt64.max] {
      set("events-\(bytes)", .tensorLengthMismatch, tensors, events, DRIFT_AT_tensor_byte_length, bytes, base: base)
    }
    set("membranes-short", .tensorLengthMismatch, tensors, membranes, DRIFT_AT_tensor_byte_length, UInt64(16 * 8 * 4), base: base)
    for (name, tensor) in [("events", events), ("membranes", membranes)] {
      set(
        "\(name)-scale", .scaleOutOfRange, DRIFT_SECTION_QUANTIZATION, tensor, DRIFT_AT_quantization_scale, Float(0.5), base: base)
      set(
        "\(name)-zero", .zeroPointOutOfRange, DRIFT_SECTION_QUANTIZATION, tensor, DRIFT_AT_quantization_zero_point, Int32(1),
        base: base)
    }
  }

  private mutating func addStatePlaces(_ base: [UInt8], _ editor: FileEditor) {
    let (tensors, field) = (DRIFT_SECTION_TENSORS, DRIFT_AT_tensor_arena_offset)
    let kept = editor.record(DRIFT_SECTION_MODEL, 0, as: drift_model.self).kept_bytes
    let first = editor.index(tensors, "fine.sent"), second = editor.index(tensors, "stem.membranes")
    set("state-gap", .keptTensorMisplaced, tensors, first, field, UInt64(64), base: base)
    set("state-on-state", .keptTensorMisplaced, tensors, second, field, UInt64(0), base: base)
    // The first copy, then the null class's.
    let norm = editor.index(tensors, "norm")
    for offset in [0, kept - 64, kept, 2 * kept - 64] {
      set("state-under-norm-\(offset)", .keptTensorMisplaced, tensors, norm, field, offset, base: base)
    }
    let events = editor.record(tensors, editor.index(tensors, "norm.events"), as: drift_tensor.self).arena_offset
    set("levels-on-events", .tensorsOverlap, tensors, norm, field, events, base: base)
  }

  private mutating func addStateOwners(_ base: [UInt8], _ editor: FileEditor) throws {
    let (tensors, operators, inputs) = (DRIFT_SECTION_TENSORS, DRIFT_SECTION_OPERATORS, DRIFT_AT_operator_inputs)
    func tensor(_ name: String) -> Int32 { Int32(editor.index(tensors, name)) }
    let send = editor.index(operators, "norm"), neuron = send + 1
    for other in ["fine.sent", "down.membranes", "norm", "x"] {
      set("tracer-\(other)", .stateOwnerInvalid, operators, neuron, inputs + 4, tensor(other), base: base)
    }
    let large = editor.index(operators, "large")
    for other in ["wide.membranes", "down.membranes", "down.sent"] {
      set("membranes-\(other)", .stateOwnerInvalid, operators, large, inputs + 12, tensor(other), base: base)
    }
    // The last convolution gives its membranes up.
    let alone = try TestImages.spiking(hasDecoder: false).encode()
    edit("nobodys", .stateOwnerInvalid, alone) { editor in
      let out = editor.index(operators, "out")
      editor.set(operators, out, inputs, Int32(editor.index(tensors, "last")))
      for field in [inputs + 8, inputs + 12, DRIFT_AT_operator_constants + 16] { editor.set(operators, out, field, Int32(-1)) }
      return editor.offset(tensors, editor.index(tensors, "out.membranes"), DRIFT_AT_tensor_flags)
    }
    try image(
      "decoders", .stateOwnerInvalid, TestImages.spikingDecoder(),
      at: {
        $0.offset(operators, $0.index(operators, "picture") - 1, inputs + 4)
      })
    try image("two-denoisers", .stateProgramsTooMany, TestImages.spikingExperts(), at: { $0.offset(DRIFT_SECTION_PROGRAMS, 1) })
  }

  private mutating func addNeurons(_ base: [UInt8], _ editor: FileEditor) throws {
    let (tensors, operators, inputs) = (DRIFT_SECTION_TENSORS, DRIFT_SECTION_OPERATORS, DRIFT_AT_operator_inputs)
    func tensor(_ name: String) -> Int32 { Int32(editor.index(tensors, name)) }
    let neuron = editor.index(operators, "norm") + 1
    for threshold in [255, 65536, UInt32.max] {
      set("\(threshold)", .thresholdOutOfRange, operators, neuron, DRIFT_AT_operator_threshold, threshold, base: base)
    }
    set(
      "threshold-of-conv", .operatorFieldUnused, operators, editor.index(operators, "skip"), DRIFT_AT_operator_threshold, UInt32(1),
      base: base)
    set("mode-of-neuron", .operatorModeUnknown, operators, neuron, DRIFT_AT_operator_mode, UInt32(1), base: base)
    set("gain-of-neuron", .operatorFieldUnused, operators, neuron, DRIFT_AT_operator_gain, Float(1), base: base)
    set("third-of-neuron", .operatorFieldUnused, operators, neuron, inputs + 8, tensor("norm"), base: base)
    set("no-tracer", .operatorInputMissing, operators, neuron, inputs + 4, Int32(-1), base: base)
    set("levels-are-tracer", .operatorInputInvalid, operators, neuron, inputs, tensor("norm.sent"), base: base)
    set("levels-int16", .inputTypeMismatch, operators, neuron, inputs, tensor("stem"), base: base)
    // As large, but of other tensors.
    let entry = Int(editor.section(tensors).count) + Int(tensor("norm.sent"))
    set("tracer", .scalesDiffer, DRIFT_SECTION_QUANTIZATION, entry, DRIFT_AT_quantization_scale, Float(0.03), base: base)
    set("tracer-zero", .scalesDiffer, DRIFT_SECTION_QUANTIZATION, entry, DRIFT_AT_quantization_zero_point, Int32(-7), base: base)
    for (name, change) in Self.shapes {
      try image("tracer-\(name)", .inputShapeMismatch, TestImages.spiking()) { image in
        Self.change(&image, "norm.sent", change)
      } at: { _ in
        editor.offset(operators, neuron, inputs + 4)
      }
      try image("events-\(name)", .outputShapeMismatch, TestImages.spiking()) { image in
        Self.change(&image, "norm.events", change)
      } at: { _ in
        editor.offset(operators, neuron, DRIFT_AT_operator_output)
      }
    }
    for type in [DRIFT_TYPE_INT16, DRIFT_TYPE_INT8, DRIFT_TYPE_INT8_PAIR] {
      try image("neuron-type-\(type.rawValue)", .outputTypeMismatch, TestImages.spiking()) { image in
        Self.change(&image, "norm.events") { $0.type = type }
      } at: { _ in
        editor.offset(operators, neuron, DRIFT_AT_operator_output)
      }
    }
    // Events come from neurons alone.
    for name in ["fine", "stem", "norm", "wide", "last"] {
      try image("events-of-\(name)", .outputTypeMismatch, TestImages.spiking()) { image in
        Self.change(&image, name) { $0.type = DRIFT_TYPE_EVENTS }
        let tensor = image.tensors.firstIndex { $0.name == name } ?? 0
        for group in image.quantization.indices { image.quantization[group][tensor] = .init(scale: 1, zero_point: 0) }
      } at: { _ in
        editor.offset(operators, editor.index(operators, name), DRIFT_AT_operator_output)
      }
    }
  }

  /// Changes of a shape: rows, columns, channels.
  private static var shapes: [(String, (inout DriftImage.Tensor) -> Void)] {
    [("height", { $0.height -= 1 }), ("width", { $0.width += 1 }), ("channels", { $0.channels += 1 })]
  }

  private static func change(_ image: inout DriftImage, _ name: String, _ change: (inout DriftImage.Tensor) -> Void) {
    for index in image.tensors.indices where image.tensors[index].name == name { change(&image.tensors[index]) }
  }

  private mutating func addMembranes(_ base: [UInt8], _ editor: FileEditor) throws {
    let (tensors, operators) = (DRIFT_SECTION_TENSORS, DRIFT_SECTION_OPERATORS)
    let (inputs, constants) = (DRIFT_AT_operator_inputs, DRIFT_AT_operator_constants)
    func tensor(_ name: String) -> Int32 { Int32(editor.index(tensors, name)) }
    let skip = editor.index(operators, "skip")
    set("absent", .eventsInvalid, operators, skip, inputs + 8, Int32(-1), base: base)
    for other in ["fine.events", "down.events"] {
      set("of-\(other)", .eventsInvalid, operators, skip, inputs + 8, tensor(other), base: base)
    }
    set("events-of-levels", .inputTypeMismatch, operators, skip, inputs + 8, tensor("norm"), base: base)
    for (name, change) in Self.shapes {
      try image("membranes-\(name)", .inputShapeMismatch, TestImages.spiking()) { image in
        Self.change(&image, "skip.membranes", change)
      } at: { _ in
        editor.offset(operators, skip, inputs + 12)
      }
    }
    try image("membranes-int8", .inputTypeMismatch, TestImages.spiking()) { image in
      Self.change(&image, "skip.membranes") { $0.type = DRIFT_TYPE_INT8 }
    } at: { _ in
      editor.offset(operators, skip, inputs + 12)
    }
    set("no-rows", .operatorConstantInvalid, operators, skip, constants + 16, Int32(-1), base: base)

    let section = DRIFT_SECTION_CONSTANTS
    let rows = editor.index(section, "down.rows"), start = editor.data("down.rows")
    for position in [0, 5, 9 * 6 * 16 - 1] {
      edit("rows-\(position)", .rowsMismatch, base) { editor in
        editor.bytes[start + position] ^= 1
        return start + position
      }
    }
    // As long as weights of a depthwise convolution would be.
    edit("rows-kind", .constantKindMismatch, base) { editor in
      editor.set(section, editor.index(section, "stem.rows"), DRIFT_AT_constant_kind, DRIFT_CONSTANT_DEPTHWISE.rawValue)
      return editor.offset(operators, editor.index(operators, "stem"), constants + 16)
    }
    edit("rows-transposed", .constantShapeMismatch, base) { editor in
      editor.set(section, rows, DRIFT_AT_constant_taps, UInt32(6))
      editor.set(section, rows, DRIFT_AT_constant_inputs, UInt32(9))
      return editor.offset(operators, editor.index(operators, "down"), constants + 16)
    }
    edit("rows-outputs", .constantLengthMismatch, base) { editor in
      editor.set(section, rows, DRIFT_AT_constant_outputs, UInt32(17))
      return editor.offset(section, rows, DRIFT_AT_constant_length)
    }
    set("rows-0", .constantShapeOutOfRange, section, rows, DRIFT_AT_constant_inputs, UInt32(0), base: base)
  }

  /// State that an operator reads without being its owner, and events that no membranes take in.
  private mutating func addReadersOfState(_ base: [UInt8], _ editor: FileEditor) throws {
    let (tensors, operators, inputs) = (DRIFT_SECTION_TENSORS, DRIFT_SECTION_OPERATORS, DRIFT_AT_operator_inputs)
    func tensor(_ name: String) -> Int32 { Int32(editor.index(tensors, name)) }
    for (name, position, other) in [
      ("norm", 0, "stem.membranes"), ("last", 0, "skip.membranes"), ("skip", 1, "skip.membranes"), ("skip", 2, "norm.sent"),
      ("picture", 0, "fine.sent"), ("plain", 0, "fine.sent"), ("picture", 0, "norm.events"),
    ] {
      set(
        "\(name)-reads-\(other)", .operatorInputInvalid, operators, editor.index(operators, name), inputs + 4 * position,
        tensor(other),
        base: base)
    }
    set(
      "skip-residual-events", .inputTypeMismatch, operators, editor.index(operators, "skip"), inputs + 4, tensor("norm.events"),
      base: base)
    set(
      "skip-of-membranes", .inputTypeMismatch, operators, editor.index(operators, "skip"), inputs, tensor("skip.membranes"),
      base: base)
    for name in ["norm.events", "fine.sent"] {
      set("answer-\(name)", .outputTensorInvalid, DRIFT_SECTION_MODEL, 0, DRIFT_AT_model_output_tensor, tensor(name), base: base)
    }
  }
}
