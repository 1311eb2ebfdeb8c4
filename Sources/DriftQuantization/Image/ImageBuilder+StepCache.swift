import CDriftFormat
import DriftEmission

extension ImageBuilder {
  /// Makes two programs of the operators, keeps the tensor between them, and tells every step which one it runs.
  mutating func add(_ cache: CachedProgram) {
    image.programs[0].operators = 0..<cache.firstCount
    image.programs.append(
      .init(
        name: "shallow", operators: cache.firstCount..<image.operators.count, input: program.input, output: cache.shallowOutput))
    image.tensors[cache.kept].flags |= DRIFT_TENSOR_KEPT.rawValue
    for (step, isFull) in cache.isFull.enumerated() { image.steps[step].program = isFull ? 0 : 1 }
    image.metadata += [
      ("step_cache.cut", program.tensors[cache.kept].name),
      ("step_cache.full_steps", cache.isFull.indices.filter { cache.isFull[$0] }.map(String.init).joined(separator: " ")),
    ]
  }
}
