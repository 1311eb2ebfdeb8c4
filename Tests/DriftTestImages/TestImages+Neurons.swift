import DriftEmission
import DriftFormat
import DriftSpiking

extension TestImages {
  /// A network of neurons: two layers of them whose spikes travel as events, two spiking steps with factors and shifts of their own, and
  /// the sum of the steps' answers.
  public static func neurons() -> DriftImage {
    var builder = ImageBuilder(seed: 8)
    setSample(&builder, height: 4, width: 4, channels: 1)
    builder.image.model.spike_steps = 2
    let state = builder.persistent("x")
    builder.image.model.state_tensor = state
    let pair = builder.add("pair", DRIFT_OP_QUANTIZE, [state], to: builder.tensor("pair", DRIFT_TYPE_INT8_PAIR, 4, 4, 1))
    let stem = builder.convolve("stem", pair, to: builder.tensor("stem", DRIFT_TYPE_INT16, 4, 4, 5), kernel: 3, pad: 1)
    let first = builder.fire("first", stem)
    let hidden = builder.convolve("hidden", first, to: builder.tensor("hidden", DRIFT_TYPE_INT16, 4, 4, 5), kernel: 3, pad: 1) {
      ($0.step_column, $0.step_scale) = (0, 0x1p-12)
      ($0.gate_column, $0.gate_scale) = (5, 0x1p-10)
    }
    let second = builder.fire("second", hidden)
    let out = builder.convolve("out", second, to: builder.tensor("out", DRIFT_TYPE_FLOAT32, 4, 4, 1))
    let sum = builder.tensor("sum", DRIFT_TYPE_FLOAT32, 4, 4, 1, flags: ImageBuilder.state)
    let answer = builder.add("decay", DRIFT_OP_DECAY, [out, sum], to: builder.tensor("e", DRIFT_TYPE_FLOAT32, 4, 4, 1)) {
      $0.gain = 0.8
    }
    builder.image.model.output_tensor = answer
    builder.image.programs = [
      .init(name: "unet", operators: 0..<builder.image.operators.count, input: Int(state), output: Int(answer))
    ]
    builder.image.model.step_columns = 10
    builder.image.stepTable = (0..<40).map { (index: Int) -> Int16 in Int16(index * 37 % 2001 - 1000) }
    builder.image.steps = [step(timestep: 500, group: 0, row: 0), step(timestep: 250, group: 1, row: 2)]
    builder.quantize(groups: 2)
    for group in 0..<2 {
      for spikes in [first, second] { builder.image.quantization[group][Int(spikes)].zero_point = -128 }
    }
    do { return try builder.image.spiking() } catch { fatalError("\(error)") }
  }
}

extension ImageBuilder {
  static let state = DRIFT_TENSOR_PERSISTENT.rawValue | DRIFT_TENSOR_STATE.rawValue

  /// Adds neurons on an int16 tensor; returns their spikes.
  mutating func fire(_ name: String, _ input: Int32) -> Int32 {
    let shape = image.tensors[Int(input)]
    let membranes = tensor("\(name).membranes", DRIFT_TYPE_INT32, shape.height, shape.width, shape.channels, flags: Self.state)
    let spikes = tensor(name, DRIFT_TYPE_INT8, shape.height, shape.width, shape.channels)
    image.tensors[Int(spikes)].levels = 1
    return add(name, DRIFT_OP_FIRE, [input, membranes], to: spikes) { $0.gain = 0.5 }
  }
}
