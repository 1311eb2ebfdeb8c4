import CDriftFormat
import CDriftKernels
import DriftFormat

/// What docs/arithmetic.md, CONVOLUTION, computes per output channel before the first pixel.
struct ChannelScales {
  private let scales: UnsafePointer<Float>, bias: UnsafePointer<Float>
  private let weightSums: UnsafePointer<Int32>
  private let ratio: Float, inverse: Float
  private let zero: Int32
  private let step: UnsafePointer<Int16>?
  private let stepUnit: Float
  private let gate: UnsafePointer<Int16>?
  private let gateUnit: Float

  init(_ executor: Executor, _ operation: drift_operator, _ x: Executor.Operand, _ y: Executor.Operand) {
    scales = executor.floats(operation.constants.1)
    bias = executor.floats(operation.constants.2)
    weightSums = UnsafePointer(
      executor.file.data(of: Int(truncatingIfNeeded: operation.constants.3)).assumingMemoryBound(to: Int32.self))
    // The scale of a float32 tensor is 1, so one formula serves every type.
    (ratio, inverse) = (x.scale / y.scale, 1 / y.scale)
    zero = 0 &- ((x.isPair ? 0 : x.zeroPoint) &+ executor.kernels.pointee.operand_bias)
    step = operation.step_column.isPresent ? executor.stepRow.map { $0 + Int(truncatingIfNeeded: operation.step_column) } : nil
    stepUnit = operation.step_scale
    gate = operation.gate_column.isPresent ? executor.stepRow.map { $0 + Int(truncatingIfNeeded: operation.gate_column) } : nil
    gateUnit = operation.gate_scale
  }

  /// m, b and c of output `output` of the constants, which is channel `channel` of the result.
  @inline(__always)
  func values(output: Int, channel: Int) -> (multiplier: Float, bias: Float, offset: Int32) {
    var sum = bias[output]
    if let step { sum = sum + drift_f32_from_i32(Int32(truncatingIfNeeded: step[channel])) * stepUnit }
    var (m, b) = (scales[output] * ratio, sum * inverse)
    if let gate {
      let g = drift_f32_from_i32(Int32(truncatingIfNeeded: gate[channel])) * gateUnit
      (m, b) = (m * g, b * g)
    }
    return (m, b, zero &* weightSums[output])
  }
}
