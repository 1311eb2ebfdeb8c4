import DriftFormat

extension DriftImage {
  /// Whether a tensor is kept from step to step.
  func isKept(_ tensor: Int) -> Bool { tensors[tensor].flags & DRIFT_TENSOR_KEPT.rawValue != 0 }

  /// Places the kept tensors at the arena's start, one behind the other in the order in which operators write them.
  /// - Returns: bytes of all their copies: one, and one more for the null class.
  mutating func placeKeptTensors() -> UInt64 {
    var end: UInt64 = 0
    for output in operators.map({ Int($0.record.output) }) where isKept(output) {
      tensors[output].arenaOffset = end
      end += UInt64(tensors[output].byteLength).roundedUp(to: UInt64(DRIFT_ALIGNMENT))
    }
    model.kept_bytes = end
    return model.null_class == .absent ? end : 2 * end
  }
}
