import DriftFormat

/// How long a tensor's bytes are needed: from the operator that writes it to the last one that reads it.
package struct Lifetime: Equatable {
  /// Index of the tensor in the image.
  package var tensor: Int
  /// First and last operator, positions in the image's list. Tensors that persist between steps span every operator.
  package var first: Int
  package var last: Int
  package var isPersistent: Bool
  /// Bytes in the arena, rounded up to whole cache lines.
  package var size: UInt64

  package init(tensor: Int, first: Int, last: Int, isPersistent: Bool = false, size: UInt64) {
    self.tensor = tensor
    self.first = first
    self.last = last
    self.isPersistent = isPersistent
    self.size = size
  }

  package func overlaps(_ other: Lifetime) -> Bool {
    first <= other.last && other.first <= last
  }
}

extension DriftImage {
  /// Lifetimes of all tensors, in their order.
  ///
  /// - Throws: ``EmissionError/invalid(record:reason:)`` if an operator names a tensor that does not exist, reads one before it is
  ///   written, or if a tensor is written twice, never, or never read.
  package func lifetimes() throws(EmissionError) -> [Lifetime] {
    var firsts = [Int?](repeating: nil, count: tensors.count)
    var lasts = [Int?](repeating: nil, count: tensors.count)
    for (index, tensor) in tensors.enumerated() where tensor.flags & DRIFT_TENSOR_PERSISTENT.rawValue != 0 {
      firsts[index] = 0
      lasts[index] = max(operators.count - 1, 0)
    }
    for (index, operation) in operators.enumerated() {
      let record = "operator \(index) '\(operation.name)'"
      for position in 0..<Int(DRIFT_MAX_INPUTS) {
        let input = Int(operation.record.input(position))
        if input == Int(DRIFT_NONE) { continue }
        guard tensors.indices.contains(input) else {
          throw .invalid(record: record, reason: "input \(position) is tensor \(input), but there are \(tensors.count) tensors")
        }
        guard firsts[input] != nil else {
          throw .invalid(record: record, reason: "reads tensor '\(tensors[input].name)' before an operator has written it")
        }
        lasts[input] = max(lasts[input] ?? index, index)
      }
      let output = Int(operation.record.output)
      guard tensors.indices.contains(output) else {
        throw .invalid(record: record, reason: "its output is tensor \(output), but there are \(tensors.count) tensors")
      }
      guard firsts[output] == nil else {
        throw .invalid(record: record, reason: "writes tensor '\(tensors[output].name)', which is already written elsewhere")
      }
      firsts[output] = index
    }
    for program in programs where tensors.indices.contains(program.output) && !program.operators.isEmpty {
      lasts[program.output] = max(lasts[program.output] ?? 0, program.operators.upperBound - 1)
    }
    var result: [Lifetime] = []
    for (index, tensor) in tensors.enumerated() {
      let extents = 1...Int(FormatLimits.extent)
      guard extents.contains(tensor.height), extents.contains(tensor.width), extents.contains(tensor.channels) else {
        throw .invalid(
          record: "tensor \(index) '\(tensor.name)'",
          reason: "its shape \(tensor.height) x \(tensor.width) x \(tensor.channels) is outside 1...\(FormatLimits.extent)")
      }
      guard let first = firsts[index] else {
        throw .invalid(record: "tensor \(index) '\(tensor.name)'", reason: "no operator writes it; remove it")
      }
      guard let last = lasts[index] else {
        throw .invalid(
          record: "tensor \(index) '\(tensor.name)'", reason: "nothing reads it; remove it and the operator that writes it")
      }
      let isPersistent = tensor.flags & DRIFT_TENSOR_PERSISTENT.rawValue != 0
      let size = UInt64(tensor.byteLength).roundedUp(to: UInt64(DRIFT_ALIGNMENT))
      result.append(Lifetime(tensor: index, first: first, last: last, isPersistent: isPersistent, size: size))
    }
    return result
  }
}
