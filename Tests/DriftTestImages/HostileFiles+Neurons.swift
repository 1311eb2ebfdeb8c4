import DriftEmission
import DriftFormat

extension HostileFiles {
  /// Files whose neurons could overflow their membranes, or that have neurons and spiking steps without each other.
  mutating func addNeurons() throws {
    let base = try TestImages.neurons().encode()
    let editor = FileEditor(base)
    addSpikingSteps(base)
    addNeuronFields(base, editor)
    try addNeuronImages()
  }

  private mutating func addSpikingSteps(_ base: [UInt8]) {
    let (model, field) = (DRIFT_SECTION_MODEL, DRIFT_AT_model_spike_steps)
    for steps in [1025, .max] as [UInt16] { set("spike-steps-\(steps)", .spikeStepsOutOfRange, model, 0, field, steps, base: base) }
    set("spike-steps-without-neurons", .spikeStepsOutOfRange, model, 0, field, UInt16(1), base: minimal)
    // The table has rows for two.
    edit("spike-steps-3", .stepTableSizeMismatch, base) { editor in
      editor.set(model, 0, field, UInt16(3))
      return editor.offset(model, 0, DRIFT_AT_model_step_columns)
    }
    set("neurons-row-3", .stepRowOutOfRange, DRIFT_SECTION_STEPS, 1, DRIFT_AT_step_step_row, UInt32(3), base: base)
  }

  private mutating func addNeuronFields(_ base: [UInt8], _ editor: FileEditor) {
    let (operators, tensors) = (DRIFT_SECTION_OPERATORS, DRIFT_SECTION_TENSORS)
    let (first, second) = (editor.index(operators, "first"), editor.index(operators, "second"))
    let decay = editor.index(operators, "decay")
    // Currents have the scales 0.0002 and 0.0003.
    for threshold in [0, -0.5, 0.00029, 629.2, .infinity, .nan, 0x1p-130] as [Float] {
      set("threshold-\(threshold)", .fireThresholdOutOfRange, operators, first, DRIFT_AT_operator_gain, threshold, base: base)
    }
    for factor in [-0.5, 1.000_001, .infinity, .nan, 0x1p-130] as [Float] {
      set("decay-\(factor)", .decayOutOfRange, operators, decay, DRIFT_AT_operator_gain, factor, base: base)
    }
    func input(_ name: String, _ code: DriftErrorCode, _ operation: Int, _ position: Int, _ tensor: String) {
      let field = DRIFT_AT_operator_inputs + position * 4
      set(name, code, operators, operation, field, Int32(editor.index(tensors, tensor)), base: base)
    }
    input("fire-spikes", .inputTypeMismatch, second, 0, "first")
    input("fire-membranes", .operatorInputInvalid, first, 0, "first.membranes")
    input("fire-others-membranes", .stateOwnerInvalid, second, 1, "first.membranes")
    input("fire-current-as-membranes", .stateOwnerInvalid, second, 1, "hidden")
    input("decay-spikes", .inputTypeMismatch, decay, 0, "second")
    input("decay-into-membranes", .stateOwnerInvalid, decay, 1, "second.membranes")
    // Real zero is no spike, in each group.
    for group in 0..<2 {
      let entry = group * Int(editor.section(tensors).count) + editor.index(tensors, "second")
      set(
        "spikes-\(group)-zero", .zeroPointOutOfRange, DRIFT_SECTION_QUANTIZATION, entry, DRIFT_AT_quantization_zero_point,
        Int32(-127), base: base)
    }
    // One level is all that a spike differs by from none.
    for threshold in [1, 2, 254] as [UInt32] {
      set("spikes-\(threshold)", .thresholdOutOfRange, operators, second + 1, DRIFT_AT_operator_threshold, threshold, base: base)
    }
    set("fire-alone", .operatorInputMissing, operators, first, DRIFT_AT_operator_inputs + 4, Int32(-1), base: base)
    set("fire-groups", .operatorFieldUnused, operators, first, DRIFT_AT_operator_groups, UInt32(1), base: base)
    set("fire-step", .operatorFieldUnused, operators, first, DRIFT_AT_operator_step_column, Int32(0), base: base)
  }

  private mutating func addNeuronImages() throws {
    let operators = DRIFT_SECTION_OPERATORS
    try image("neurons-without-steps", .neuronOutsideSteps, TestImages.neurons()) { image in
      image.model.spike_steps = 0
      image.stepTable.removeLast(20)
      image.steps[1].step_row = 1
    } at: {
      $0.offset(operators, $0.index(operators, "first"), DRIFT_AT_operator_opcode)
    }
    func tensor(
      _ name: String, _ code: DriftErrorCode, _ tensor: String, _ field: Int, _ operation: String,
      _ change: (inout DriftImage.Tensor) -> Void
    ) throws {
      try image(name, code, TestImages.neurons()) { image in
        for index in image.tensors.indices where image.tensors[index].name == tensor { change(&image.tensors[index]) }
      } at: {
        $0.offset(operators, $0.index(operators, operation), field)
      }
    }
    try image("spikes-symmetric", .outputTypeMismatch, TestImages.neurons()) { image in
      for index in image.tensors.indices where image.tensors[index].name == "second" {
        image.tensors[index].flags = DRIFT_TENSOR_SYMMETRIC.rawValue
        image.tensors[index].levels = 254
        for group in image.quantization.indices { image.quantization[group][index].zero_point = 0 }
      }
    } at: {
      $0.offset(operators, $0.index(operators, "second"), DRIFT_AT_operator_output)
    }
    let inputs = DRIFT_AT_operator_inputs
    try tensor("membranes-3-channels", .inputShapeMismatch, "first.membranes", inputs + 4, "first") { $0.channels = 3 }
    try tensor("membranes-floats", .inputTypeMismatch, "first.membranes", inputs + 4, "first") { $0.type = DRIFT_TYPE_FLOAT32 }
    try tensor("sum-membranes", .inputTypeMismatch, "sum", inputs + 4, "decay") { $0.type = DRIFT_TYPE_INT32 }
    try tensor("sum-5-high", .inputShapeMismatch, "sum", inputs + 4, "decay") { $0.height = 5 }
    // A sum of steps in place of the state of the sampler.
    try image("sum-as-state", .stateTensorInvalid, TestImages.neurons()) { image in
      guard let sum = image.tensors.firstIndex(where: { $0.name == "sum" }) else { return }
      image.model.state_tensor = Int32(sum)
    } at: {
      $0.offset(DRIFT_SECTION_MODEL, 0, DRIFT_AT_model_state_tensor)
    }
  }
}
