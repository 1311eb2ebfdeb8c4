import DriftFormat

extension DriftImage {
  /// The same image in the file's order: persistent tensors, then the others in the order in which operators write them; constants in
  /// the order in which operators first use them. That order is what lets the verifier prove "written once, before it is read"
  /// without any memory.
  package func canonical() throws(EmissionError) -> DriftImage {
    _ = try lifetimes()
    var result = self

    let tensorOrder =
      tensors.indices.filter { tensors[$0].flags & DRIFT_TENSOR_PERSISTENT.rawValue != 0 && !isState($0) } + stateOrder
      + operators.map { Int($0.record.output) }
    let tensorIndex = Self.inverse(of: tensorOrder, count: tensors.count)
    result.tensors = tensorOrder.map { tensors[$0] }

    var constantOrder: [Int] = []
    var constantSeen = [Bool](repeating: false, count: constants.count)
    for (index, operation) in operators.enumerated() {
      for position in 0..<Int(DRIFT_MAX_CONSTANTS) {
        let constant = Int(operation.record.constant(position))
        if constant == Int(DRIFT_NONE) { continue }
        guard constants.indices.contains(constant) else {
          throw .invalid(
            record: "operator \(index) '\(operation.name)'",
            reason: "constant \(position) is \(constant), but there are \(constants.count) constants")
        }
        if !constantSeen[constant] {
          constantSeen[constant] = true
          constantOrder.append(constant)
        }
      }
    }
    if let unused = constantSeen.firstIndex(of: false) {
      throw .invalid(record: "constant \(unused) '\(constants[unused].name)'", reason: "no operator uses it; remove it")
    }
    let constantIndex = Self.inverse(of: constantOrder, count: constants.count)
    result.constants = constantOrder.map { constants[$0] }

    func tensor(_ index: Int32) -> Int32 {
      tensorIndex.indices.contains(Int(index)) ? Int32(tensorIndex[Int(index)]) : index
    }
    func constant(_ index: Int32) -> Int32 {
      constantIndex.indices.contains(Int(index)) ? Int32(constantIndex[Int(index)]) : index
    }
    for index in operators.indices {
      let old = operators[index].record
      result.operators[index].record.inputs = (
        tensor(old.inputs.0), tensor(old.inputs.1), tensor(old.inputs.2), tensor(old.inputs.3)
      )
      result.operators[index].record.output = tensor(old.output)
      result.operators[index].record.constants = (
        constant(old.constants.0), constant(old.constants.1), constant(old.constants.2), constant(old.constants.3),
        constant(old.constants.4)
      )
    }
    for index in programs.indices {
      result.programs[index].input = Int(tensor(Int32(clamping: programs[index].input)))
      result.programs[index].output = Int(tensor(Int32(clamping: programs[index].output)))
    }
    let history = model.history_tensors
    result.model.state_tensor = tensor(model.state_tensor)
    result.model.output_tensor = tensor(model.output_tensor)
    result.model.guidance_tensor = tensor(model.guidance_tensor)
    result.model.noise_tensor = tensor(model.noise_tensor)
    result.model.class_tensor = tensor(model.class_tensor)
    result.model.history_tensors = (tensor(history.0), tensor(history.1), tensor(history.2), tensor(history.3))

    for (group, row) in quantization.enumerated() {
      guard row.count == tensors.count else {
        throw .invalid(
          record: "quantization of step group \(group)", reason: "has \(row.count) entries for \(tensors.count) tensors")
      }
      result.quantization[group] = tensorOrder.map { row[$0] }
    }
    result.metadata.sort { $0.0.utf8.lexicographicallyPrecedes($1.0.utf8) }
    return result
  }

  private static func inverse(of order: [Int], count: Int) -> [Int] {
    var positions = [Int](repeating: 0, count: count)
    for (position, index) in order.enumerated() { positions[index] = position }
    return positions
  }
}
