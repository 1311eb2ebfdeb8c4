/// What is wrong with one node; the caller adds its name.
struct OperatorError: Error {
  var problem: String
  /// Whether the operator as such is not known.
  var isUnknown = false

  init(_ problem: String) { self.problem = problem }

  static func unknown(_ op: String) -> OperatorError {
    var error = OperatorError("the operator \(op) is not known")
    error.isUnknown = true
    return error
  }
}
