import DriftFormat

extension DriftImage {
  /// Whether a tensor is kept from step to step.
  func isKept(_ tensor: Int) -> Bool { tensors[tensor].flags & DRIFT_TENSOR_KEPT.rawValue != 0 }

  /// Whether a tensor is a tracer or membranes.
  func isState(_ tensor: Int) -> Bool { tensors[tensor].flags & DRIFT_TENSOR_STATE.rawValue != 0 }

  /// Tracers, membranes and sums of spiking steps, in the order of the operators that change them.
  var stateOrder: [Int] {
    operators.compactMap { operation in
      let position = operation.record.statePosition
      return position < 0 ? nil : Int(operation.record.input(position))
    }
  }

  /// Places kept and state tensors at the arena's start, one behind the other in the order in which operators write them.
  /// - Returns: bytes of all their copies: one, and one more for the null class.
  mutating func placeKeptTensors() -> UInt64 {
    var end: UInt64 = 0
    for tensor in operators.map({ Int($0.record.output) }).filter(isKept) + stateOrder {
      tensors[tensor].arenaOffset = end
      end += UInt64(tensors[tensor].byteLength).roundedUp(to: UInt64(DRIFT_ALIGNMENT))
    }
    model.kept_bytes = end
    return model.null_class == .absent ? end : 2 * end
  }
}
