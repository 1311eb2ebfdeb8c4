import CDriftFormat
import DriftFormat

/// Which of a step's two evaluations: they have kept tensors of their own.
public enum Branch: UInt32, Sendable {
  /// For the class that was asked for, or the only evaluation.
  case conditional = 1
  /// For the null class, with guidance.
  case unconditional = 2
}

/// Tensors that the first program keeps for the other programs of later steps (docs/arithmetic.md, "Kept tensors").
extension Session {
  /// The program to run at a step: the step's own, or the first one, which needs nothing from earlier steps, where no earlier
  /// step has kept anything for this branch.
  func program(of step: drift_step, for branch: Branch) -> drift_program {
    let isReady = step.program == 0 || file.model.kept_bytes == 0 || kept & branch.rawValue != 0
    return file.programs[isReady ? Int(truncatingIfNeeded: step.program) : 0]
  }

  /// Notes that a program has run for a branch: the first one keeps its tensors.
  mutating func note(_ program: drift_program, for branch: Branch) {
    if program.first_operator == 0 { kept |= branch.rawValue }
  }

  /// Bytes from the first copy of the kept tensors to a branch's; a model without null class has one copy and one branch.
  func keptOffset(for branch: Branch) -> Int {
    branch == .unconditional ? Int(truncatingIfNeeded: file.model.kept_bytes) : 0
  }
}

extension drift_tensor {
  /// Whether it lives across steps, and in several copies.
  var isKept: Bool { flags & UInt32(truncatingIfNeeded: DRIFT_TENSOR_KEPT.rawValue) != 0 }
}
