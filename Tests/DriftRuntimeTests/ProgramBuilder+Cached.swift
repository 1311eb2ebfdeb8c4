import CDriftFormat
import DriftEmission

extension ProgramBuilder {
  /// A denoiser that keeps a tensor between its two halves, and a second program that is its second half. Every third step is full.
  static func cached(steps: Int = 6, classes: Int = 0, nullClass: Int? = nil, seed: UInt64 = 3) -> ProgramBuilder {
    var b = ProgramBuilder(channels: 2, height: 6, width: 6, groups: steps, classes: classes, nullClass: nullClass, seed: seed)
    let trunk = b.trunk(channels: 8)
    let x = b.normalize(trunk, to: DRIFT_TYPE_INT8, groups: 4, activation: DRIFT_ACTIVATION_TABLE)
    let deep = b.convolve(x, to: DRIFT_TYPE_INT16, channels: 8, size: (6, 6), kernel: (3, 3), pad: (1, 1), residual: trunk)
    let joined = b.normalize(deep, trunk, to: DRIFT_TYPE_INT8, groups: 4, activation: DRIFT_ACTIVATION_TABLE)
    let body = b.convolve(joined, to: DRIFT_TYPE_INT16, channels: 8, size: (6, 6), residual: trunk, stepBias: true)
    b.finish(body)
    b.keep(deep)
    for step in b.image.steps.indices { b.image.steps[step].program = step % 3 == 0 ? 0 : 1 }
    return b
  }

  /// Keeps a tensor of the only program and adds the program that computes the answer from it.
  private mutating func keep(_ tensor: Int) {
    image.tensors[tensor].flags |= DRIFT_TENSOR_KEPT.rawValue
    for group in image.quantization.indices { image.quantization[group][tensor] = image.quantization[0][tensor] }
    var needed: Set<Int> = [image.programs[0].output]
    for operation in image.operators.reversed() where needed.contains(Int(operation.record.output)) {
      let inputs = operation.record.inputs
      needed.formUnion([inputs.0, inputs.1, inputs.2, inputs.3].map(Int.init))
      needed.subtract([tensor])
    }
    var copies: [Int: Int] = [:]
    let count = image.operators.count
    for operation in image.operators[..<count] where needed.contains(Int(operation.record.output)) {
      var record = operation.record
      let original = Int(record.output)
      copies[original] = image.tensors.count
      image.tensors.append(image.tensors[original])
      for group in image.quantization.indices { image.quantization[group].append(image.quantization[group][original]) }
      func copy(_ input: Int32) -> Int32 { Int32(copies[Int(input)] ?? Int(input)) }
      record.inputs = (copy(record.inputs.0), copy(record.inputs.1), copy(record.inputs.2), copy(record.inputs.3))
      _ = append("copy", record, output: image.tensors.count - 1)
    }
    image.programs.append(
      .init(name: "shallow", operators: count..<image.operators.count, input: state, output: image.tensors.count - 1))
  }
}
