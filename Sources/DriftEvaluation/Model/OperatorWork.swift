import DriftFormat

/// How much multiplying an operator does.
public enum OperatorWork {
  /// Multiply-adds of int8 operands in one evaluation, without padding; an operand of 16 bits is two of 8.
  public static func multiplyAdds(of operation: drift_operator, in file: DriftFile) -> Int {
    guard operation.output >= 0, operation.inputs.0 >= 0 else { return 0 }
    let output = file.tensors[Int(operation.output)], input = file.tensors[Int(operation.inputs.0)]
    switch operation.opcode {
    case UInt32(DRIFT_OP_CONVOLUTION.rawValue):
      let taps = Int(operation.kernel_height) * Int(operation.kernel_width)
      let planes = input.type == UInt32(DRIFT_TYPE_INT8_PAIR.rawValue) ? 2 : 1
      return planes * taps * Int(input.channels) * Int(output.channels) * Int(output.height) * Int(output.width)
    case UInt32(DRIFT_OP_ATTENTION.rawValue):
      let tokens = Int(output.height) * Int(output.width)
      return 2 * tokens * tokens * Int(output.channels)
    default:
      return 0
    }
  }
}
