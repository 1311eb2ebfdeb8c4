import CDriftFormat
import DriftEmission

extension ProgramBuilder {
  /// A depthwise convolution of an int8 tensor; `size` is its output's, which decides the padding at the end.
  mutating func convolveDepthwise(
    _ x: Int, to type: drift_type, size: (Int, Int), kernel: (Int, Int), stride: Int = 1, pad: (Int, Int) = (0, 0),
    stepBias: Bool = false, gated: Bool = false, symmetric: Bool = false
  ) -> Int {
    let channels = shape(x).channels
    let taps = kernel.0 * kernel.1
    let weights = (0..<channels * taps).map { _ -> Int8 in
      usesExtremes ? (Bool.random(using: &random) ? 127 : -127) : Int8.random(in: -127...127, using: &random)
    }
    var record = drift_operator(opcode: DRIFT_OP_DEPTHWISE)
    record.inputs.0 = Int32(x)
    (record.kernel_height, record.kernel_width) = (UInt32(kernel.0), UInt32(kernel.1))
    record.stride = UInt32(stride)
    (record.pad_top, record.pad_left) = (UInt32(pad.0), UInt32(pad.1))
    if stepBias { (record.step_column, record.step_scale) = (Int32(stepColumns(channels)), 0x1p-14) }
    if gated { (record.gate_column, record.gate_scale) = (Int32(stepColumns(channels)), 0x1p-14) }
    let spread = 1 / (73 * Float(taps).squareRoot())
    record.constants.0 = constant(
      DRIFT_CONSTANT_DEPTHWISE, WeightPacking.packDepthwise(weights, channels: channels, taps: taps), channels, taps)
    record.constants.1 = constant((0..<channels).map { _ in random.float(0.5...1.5) * spread })
    record.constants.2 = constant((0..<channels).map { _ in random.float(-0.5...0.5) })
    record.constants.3 = constant(
      DRIFT_CONSTANT_SUMS,
      WeightPacking.sums(weights, outputs: channels, inputs: 1, taps: taps).flatMap { bytes(of: $0) }, channels)
    let y = tensor(type, size.0, size.1, channels, scale: Self.scale(type), flags: flags(symmetric))
    return append("depthwise", record, output: y)
  }
}
