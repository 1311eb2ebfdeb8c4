import DriftFormat

extension OperatorWork {
  /// Products of a value with a weight in one evaluation, without those with the padding at borders: what an operator's events would add up
  /// to if each of its operand's values were sent once. A 16-bit operand counts once.
  public static func products(of operation: drift_operator, in file: DriftFile) -> Int {
    guard operation.output >= 0, operation.inputs.0 >= 0 else { return 0 }
    let output = file.tensors[Int(operation.output)], input = file.tensors[Int(operation.inputs.0)]
    switch operation.opcode {
    case UInt32(DRIFT_OP_CONVOLUTION.rawValue):
      return taps(of: operation, input: input, output: output) * Int(input.channels) * Int(output.channels)
    case UInt32(DRIFT_OP_DEPTHWISE.rawValue):
      return taps(of: operation, input: input, output: output) * Int(output.channels)
    default:
      return multiplyAdds(of: operation, in: file)
    }
  }

  /// int8 products that one of `products` takes: two where the operand has 16 bits.
  public static func planes(of operation: drift_operator, in file: DriftFile) -> Int {
    guard operation.inputs.0 >= 0 else { return 1 }
    return file.tensors[Int(operation.inputs.0)].type == UInt32(DRIFT_TYPE_INT8_PAIR.rawValue) ? 2 : 1
  }

  /// Pairs of an output pixel and an input pixel under one of its taps.
  private static func taps(of operation: drift_operator, input: drift_tensor, output: drift_tensor) -> Int {
    let isPhased = operation.phases == 4, stride = Int(operation.stride)
    func along(_ input: UInt32, _ output: UInt32, kernel: UInt32, pad: UInt32) -> Int {
      let extent = isPhased ? Int(input) : Int(input) << Int(operation.upsample)
      // Of a convolution by phases each half of the outputs has taps of its own, the second half one pixel further.
      return (0..<(isPhased ? 2 : 1)).reduce(0) { sum, phase in
        (0..<(isPhased ? Int(output) / 2 : Int(output))).reduce(sum) { sum, position in
          let first = position * stride - Int(pad) + phase
          return sum + max(min(first + Int(kernel), extent) - max(first, 0), 0)
        }
      }
    }
    return along(input.height, output.height, kernel: operation.kernel_height, pad: operation.pad_top)
      * along(input.width, output.width, kernel: operation.kernel_width, pad: operation.pad_left)
  }
}
