/// The order in which a file's constants may be used: each for the first time in the order of the file, so that none is unused and none
/// is missed, without any memory.
///
/// A program may use constants of an earlier one again, for the same layers in both. It takes them in ascending order, hence each once:
/// with the limit on programs, no constant is checked more than `FormatLimits.keptPrograms` times.
struct ConstantOrder {
  /// What is to be said about a use.
  enum Verdict {
    case allowed
    case outOfOrder
    case sharedOutOfOrder
  }

  /// The constant that has to be the next new one.
  private(set) var next = 0
  /// The least constant that the program may share from now on.
  private(set) var shared = 0
  private var programStart = 0

  mutating func beginProgram() {
    programStart = next
    shared = 0
  }

  /// - Parameters:
  ///   - isTable: whether the constant is a table, which any operator may use again.
  ///   - isShareable: whether programs of this file may share constants at all.
  mutating func use(_ constant: Int, isTable: Bool, isShareable: Bool) -> Verdict {
    if constant == next {
      next += 1
      return .allowed
    }
    if isTable && constant < next { return .allowed }
    guard isShareable && constant < programStart else { return .outOfOrder }
    guard constant >= shared else { return .sharedOutOfOrder }
    shared = constant + 1
    return .allowed
  }
}
