import CDriftFormat
import CDriftKernels
import DriftFormat

/// Operators that keep something from one spiking step to the next.
extension Executor {
  /// Integrate and fire with hard reset: int16 currents to spikes, the two lowest levels of int8.
  func fire(_ operation: drift_operator) {
    let (x, y) = (operand(operation.inputs.0), operand(operation.output))
    let membranes = operand(operation.inputs.1).base.assumingMemoryBound(to: Int32.self)
    let threshold = drift_fire_threshold(operation.gain, x.scale)
    let rest = Int8(truncatingIfNeeded: -128 &+ kernels.pointee.operand_bias)
    // Membranes need no layout of their own: each lies where its current does, padding channels included.
    let values = team.share(of: x.count, granule: Executor.lineValues)
    let first = values.lowerBound
    drift_fire(
      x.int16 + first, UInt32(truncatingIfNeeded: values.count), threshold, spikeStep == 0 ? 1 : 0, membranes + first, rest,
      y.int8 + first)
  }

  /// The sum of the spiking steps' answers, earlier ones with less weight.
  func decay(_ operation: drift_operator) {
    let (x, y) = (operand(operation.inputs.0), operand(operation.output))
    let values = team.share(of: y.count, granule: Executor.lineValues)
    let first = values.lowerBound
    drift_decay(
      x.float + first, values.count, operation.gain, spikeStep == 0 ? 1 : 0, operand(operation.inputs.1).float + first,
      y.float + first)
  }
}
