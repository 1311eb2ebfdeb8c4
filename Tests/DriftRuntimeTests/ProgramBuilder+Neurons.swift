import CDriftFormat
import DriftEmission
import DriftFormat

extension ProgramBuilder {
  private static let state = DRIFT_TENSOR_PERSISTENT.rawValue | DRIFT_TENSOR_STATE.rawValue

  /// Integrate and fire neurons on an int16 tensor.
  mutating func fire(_ x: Int, threshold: Float) -> Int {
    let (h, w, c) = shape(x)
    var record = drift_operator(opcode: DRIFT_OP_FIRE)
    let membranes = tensor(DRIFT_TYPE_INT32, h, w, c, scale: 1, flags: Self.state, name: "membranes")
    record.inputs = (Int32(x), Int32(membranes), -1, -1)
    record.gain = threshold
    let spikes = tensor(DRIFT_TYPE_INT8, h, w, c, scale: 1)
    for group in image.quantization.indices { image.quantization[group][spikes].zero_point = -128 }
    return append("fire", record, output: spikes)
  }

  /// The sum of the spiking steps' answers.
  mutating func decay(_ x: Int) -> Int {
    let (h, w, c) = shape(x)
    var record = drift_operator(opcode: DRIFT_OP_DECAY)
    let sum = tensor(DRIFT_TYPE_FLOAT32, h, w, c, scale: 1, flags: Self.state, name: "sum")
    record.inputs = (Int32(x), Int32(sum), -1, -1)
    record.gain = 0.8
    return append("decay", record, output: tensor(DRIFT_TYPE_FLOAT32, h, w, c, scale: 1))
  }

  /// A network of neurons: a stem, two layers of them with factors and shifts of the spiking step, a residual around the second.
  static func neurons(
    channels: Int, size: Int, width: Int, steps: Int, threshold: Float = 0.4, classes: Int = 0, seed: UInt64
  ) -> ProgramBuilder {
    var b = ProgramBuilder(channels: channels, height: size, width: size, classes: classes, spikeSteps: steps, seed: seed)
    let stem = b.trunk(channels: width)
    let first = b.convolve(
      b.fire(stem, threshold: threshold), to: DRIFT_TYPE_INT16, channels: width, size: (size, size), kernel: (3, 3), pad: (1, 1),
      stepBias: true, gated: true)
    b.body = b.convolve(
      b.fire(first, threshold: threshold), to: DRIFT_TYPE_INT16, channels: width, size: (size, size), kernel: (3, 3), pad: (1, 1),
      residual: stem)
    return b
  }
}
