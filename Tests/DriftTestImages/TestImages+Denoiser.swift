import DriftEmission
import DriftFormat

extension TestImages {
  /// A network of all operators on an 8 x 8 picture; returns the answer's tensor.
  static func addDenoiser(_ b: inout ImageBuilder, _ state: Int32) -> Int32 {
    let silu = b.activationTable("silu")
    let exp = b.expTable("exp")
    let (int16, int8, pair) = (DRIFT_TYPE_INT16, DRIFT_TYPE_INT8, DRIFT_TYPE_INT8_PAIR)

    let fine = b.add("fine", DRIFT_OP_QUANTIZE, [state], to: b.tensor("fine", pair, 8, 8, 1))
    let stem = b.convolve("stem", fine, to: b.tensor("stem", int16, 8, 8, 6), kernel: 3, pad: 1) {
      ($0.step_column, $0.step_scale) = (12, 0.0005)
    }
    let coarse = b.add("coarse", DRIFT_OP_QUANTIZE, [stem], to: b.tensor("coarse", int8, 8, 8, 6))
    let block = b.convolve("block", coarse, residual: stem, to: b.tensor("block", int16, 8, 8, 6)) { $0.gain = 0.7 }
    let norm = b.normalize(
      "norm", [block], to: b.tensor("norm", int8, 8, 8, 6), groups: 2, activation: DRIFT_ACTIVATION_TABLE, table: silu
    ) { ($0.step_column, $0.step_scale) = (0, 0.0003) }
    let down = b.convolve("down", norm, to: b.tensor("down", int16, 4, 4, 8), kernel: 3, pad: 1) { $0.stride = 2 }
    let pool = b.add("pool", DRIFT_OP_AVERAGE_POOL, [block], to: b.tensor("pool", int16, 4, 4, 6))
    let joined = b.add("join", DRIFT_OP_CONCATENATE, [down, pool], to: b.tensor("join", int16, 4, 4, 14))
    let relu = b.add("relu", DRIFT_OP_ACTIVATE, [down], to: b.tensor("relu", int16, 4, 4, 8)) {
      $0.activation = DRIFT_ACTIVATION_RELU.rawValue
    }
    let sum = b.add("sum", DRIFT_OP_ADD, [down, relu], to: b.tensor("sum", int16, 4, 4, 8)) { ($0.gain, $0.gain_a) = (1, 0.5) }
    let both = b.normalize(
      "both", [sum, joined], to: b.tensor("both", int8, 4, 4, 22), groups: 2, activation: DRIFT_ACTIVATION_RELU)

    let symmetric = DRIFT_TENSOR_SYMMETRIC.rawValue
    let q = b.convolve("q", both, to: b.tensor("q", int8, 4, 4, 8, flags: symmetric))
    let k = b.convolve("k", both, to: b.tensor("k", int8, 4, 4, 8, flags: symmetric))
    let v = b.convolve("v", both, to: b.tensor("v", int8, 4, 4, 8, flags: symmetric))
    let attention = b.add("attention", DRIFT_OP_ATTENTION, [q, k, v], to: b.tensor("attention", int8, 4, 4, 8)) {
      $0.constants.0 = exp
      $0.heads = 2
      $0.gain = 0.5
    }
    let spread = b.convolveDepthwise("spread", attention, to: b.tensor("spread", int8, 4, 4, 8), kernel: 3, pad: 1) {
      ($0.step_column, $0.step_scale) = (3, 0.0005)
    }
    let mixed = b.convolve("mixed", spread, residual: sum, to: b.tensor("mixed", int16, 4, 4, 8))

    let up = b.add("up", DRIFT_OP_UPSAMPLE, [mixed], to: b.tensor("up", int16, 8, 8, 8))
    let smooth = b.add("smooth", DRIFT_OP_ACTIVATE, [up], to: b.tensor("smooth", pair, 8, 8, 8)) {
      $0.activation = DRIFT_ACTIVATION_TABLE.rawValue
      $0.constants.2 = silu
    }
    let left = b.convolve("left", smooth, to: b.tensor("left", int16, 8, 8, 4))
    let small = b.add("small", DRIFT_OP_QUANTIZE, [mixed], to: b.tensor("small", int8, 4, 4, 8))
    let right = b.convolve("right", small, to: b.tensor("right", int16, 8, 8, 4), kernel: 3, pad: 1) { $0.upsample = 1 }
    let phased = b.convolve("phased", small, to: b.tensor("phased", int8, 8, 8, 16), kernel: 2, pad: 1, phases: 4)
    let middle = b.convolve("middle", phased, residual: right, to: b.tensor("middle", int16, 8, 8, 4))
    let total = b.add("total", DRIFT_OP_ADD, [left, middle], to: b.tensor("total", int16, 8, 8, 4)) {
      ($0.gain, $0.gain_a) = (1, 1)
    }
    let plain = b.normalize(
      "plain", [total], to: b.tensor("plain", int16, 8, 8, 4), groups: 1, activation: DRIFT_ACTIVATION_BUMP,
      table: b.floats("bump", [8, 0.92, -0.06, -0.0125, 0.0025, -0.00013, 0, 0], DRIFT_CONSTANT_BUMP))
    let last = b.add("last", DRIFT_OP_QUANTIZE, [plain], to: b.tensor("last", pair, 8, 8, 4))
    return b.convolve("out", last, to: b.tensor("e", DRIFT_TYPE_FLOAT32, 8, 8, 1), kernel: 3, pad: 1)
  }
}
