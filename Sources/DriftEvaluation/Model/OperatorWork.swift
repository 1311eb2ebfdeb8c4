import DriftFormat

/// How much an operator does.
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
    case UInt32(DRIFT_OP_DEPTHWISE.rawValue):
      let taps = Int(operation.kernel_height) * Int(operation.kernel_width)
      return taps * Int(output.channels) * Int(output.height) * Int(output.width)
    case UInt32(DRIFT_OP_ATTENTION.rawValue):
      let (queries, keys) = (Int(output.height) * Int(output.width), file.tensors[Int(operation.inputs.1)])
      return queries * Int(keys.height) * Int(keys.width) * (Int(keys.channels) + Int(output.channels))
    default:
      return 0
    }
  }

  /// Bytes of inputs, output and constants, each once: the least that passes through memory where no cache holds them.
  public static func bytesMoved(by operation: drift_operator, in file: DriftFile) -> Int {
    let inputs = (0..<Int(DRIFT_MAX_INPUTS)).map { operation.input($0) }
    let tensors = (inputs + [operation.output]).filter { $0 >= 0 }.map { Int(file.tensors[Int($0)].byte_length) }
    let constants = (0..<Int(DRIFT_MAX_CONSTANTS)).map { operation.constant($0) }.filter { $0 >= 0 }
    return tensors.reduce(0, +) + constants.reduce(0) { $0 + Int(file.constants[Int($1)].length) }
  }
}
