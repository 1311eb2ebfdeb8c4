import DriftFormat

extension drift_operator {
  /// An operator whose tensors, constants and columns of the step table are absent and whose other fields are zero.
  public init(opcode: drift_opcode) {
    self.init()
    let none = Int32(DRIFT_NONE)
    self.opcode = opcode.rawValue
    inputs = (none, none, none, none)
    output = none
    constants = (none, none, none, none, none)
    step_column = none
    gate_column = none
  }
}
