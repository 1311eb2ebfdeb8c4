import CDriftFormat
import CDriftKernels
import DriftFormat

/// What convolutions read of an EVENTS tensor.
struct EventTensor {
  let lists: UnsafeMutablePointer<drift_event_list>
  let events: UnsafeMutablePointer<drift_event>
  /// Of all members' neurons.
  let totals: UnsafeMutablePointer<SenderTotals>
  /// Events that a pixel has room for.
  let capacity: Int

  init(_ operand: Executor.Operand) {
    let layout = EventLayout(
      pixels: UInt64(truncatingIfNeeded: operand.pixels), channels: UInt64(truncatingIfNeeded: operand.channels))
    totals = operand.base.assumingMemoryBound(to: SenderTotals.self)
    lists = operand.base.at(layout.lists, drift_event_list.self)
    events = operand.base.at(layout.events, drift_event.self)
    capacity = Int(truncatingIfNeeded: layout.capacity)
  }
}

extension Executor {
  /// Whether a tracer, and the membranes behind it, have to start anew: before the first step, and where real zero has moved to another
  /// level, which membranes at the border have counted in.
  func isFresh(_ tracer: Int32) -> Bool {
    let index = Int(truncatingIfNeeded: tracer)
    guard let previous = spiking.previous else { return true }
    return previous[index].zero_point != quantization[index].zero_point
  }

  /// int8 levels and tracer to events. Neurons that fire have no spike time steps in which unit events could come to rest.
  func send(_ operation: drift_operator) {
    let (levels, tracer) = (operand(operation.inputs.0), operand(operation.inputs.1))
    let target = EventTensor(operand(operation.output))
    let pixels = team.share(of: tracer.pixels)
    let first = pixels.lowerBound &* tracer.stride
    if isFresh(operation.inputs.1) {
      let zero = Int8(truncatingIfNeeded: tracer.zeroPoint &+ kernels.pointee.operand_bias)
      (tracer.int8 + first).update(repeating: zero, count: pixels.count &* tracer.stride)
    }
    var sender = drift_sender(
      levels: levels.int8 + first, tracer: tracer.int8 + first, stride: tracer.stride,
      pixels: UInt32(truncatingIfNeeded: pixels.count), channels: UInt32(truncatingIfNeeded: tracer.channels),
      threshold: operation.threshold, is_unit: file.model.spike_steps > 0 ? 0 : spiking.events.rawValue,
      bias: UInt32(truncatingIfNeeded: kernels.pointee.operand_bias), lists: target.lists + pixels.lowerBound,
      events: target.events, next: UInt32(truncatingIfNeeded: pixels.lowerBound &* target.capacity),
      end: UInt32(truncatingIfNeeded: pixels.upperBound &* target.capacity), changes: 0, distance: 0)
    kernels.pointee.send(&sender)
    target.totals[team.member] = SenderTotals(changes: sender.changes, distance: sender.distance)
  }

  /// Adds up what all members' neurons did, once they have.
  func countSent(_ operation: drift_operator, _ index: Int) {
    guard team.member == 0, let totals = spiking.totals else { return }
    let tensor = operand(operation.output)
    let sent = EventTensor(tensor).totals
    var sum = SenderTotals(changes: 0, distance: 0)
    for member in 0..<team.count {
      sum.changes &+= sent[member].changes
      sum.distance &+= sent[member].distance
    }
    totals.pointee.events &+= sum.changes
    totals.pointee.distance &+= sum.distance
    guard let activity = spiking.activity, index < activity.count else { return }
    activity[index].events &+= sum.changes
    activity[index].neurons &+= UInt64(truncatingIfNeeded: tensor.pixels &* tensor.channels)
    activity[index].distance &+= sum.distance
  }
}
