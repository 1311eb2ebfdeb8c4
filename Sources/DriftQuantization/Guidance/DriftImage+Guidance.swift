import CDriftFormat
import DriftEmission
import DriftRuntime

extension DriftImage {
  /// Writes down what guides each step; a class's last answer gets a tensor if an estimate needs it. The arena is planned anew.
  mutating func guide(_ rows: [GuidanceRow]) throws(EmissionError) {
    for (index, row) in rows.enumerated() {
      steps[index].guidance = row.kind == .skipped ? 0 : 1
      steps[index].null_source = (row.kind == .estimated ? DRIFT_NULL_ESTIMATED : DRIFT_NULL_EVALUATED).rawValue
      steps[index].estimate = (row.lastNull, row.lastClass, row.nowClass)
    }
    if rows.contains(where: { $0.kind == .estimated }), model.class_tensor == Int32(DRIFT_NONE) {
      tensors.append(
        .init(
          name: "class", type: DRIFT_TYPE_FLOAT32, flags: DRIFT_TENSOR_PERSISTENT.rawValue, height: Int(model.sample_height),
          width: Int(model.sample_width), channels: Int(model.sample_channels)))
      for group in quantization.indices { quantization[group].append(drift_quantization(scale: 1, zero_point: 0)) }
      model.class_tensor = Int32(tensors.count - 1)
    }
    try planMemory()
  }
}
