import DriftFormat

/// How much a program of a file multiplies, and how often the sampler runs it.
public struct ProgramUse: Codable, Sendable {
  /// The program's name.
  public var name: String
  /// Steps that run it.
  public var steps: Int
  /// Multiply-adds of int8 operands for one answer: of all spiking steps where the model has any.
  public var multiplyAdds: Int

  /// All programs of a file, in its order.
  public static func all(of model: ModelFile) -> [ProgramUse] {
    model.file.programs.enumerated().map { index, program in
      let first = Int(program.first_operator)
      let runs = program.role == DRIFT_PROGRAM_DENOISER.rawValue ? max(Int(model.file.model.spike_steps), 1) : 1
      return ProgramUse(
        name: model.text(at: program.name), steps: model.file.steps.count { Int($0.program) == index },
        multiplyAdds: runs
          * (first..<first + Int(program.operator_count)).reduce(0) {
            $0 + OperatorWork.multiplyAdds(of: model.file.operators[$1], in: model.file)
          })
    }
  }
}

extension Collection<ProgramUse> {
  /// Mean over the sampler's steps.
  public var multiplyAddsPerStep: Double {
    let steps = reduce(0) { $0 + $1.steps }
    return reduce(0) { $0 + Double($1.steps) * Double($1.multiplyAdds) } / Double(Swift.max(steps, 1))
  }
}
