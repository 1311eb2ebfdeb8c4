import CDriftFormat

/// Working memory that the engine needs while it runs one operator, for each thread. The planner reserves it and the verifier
/// refuses a file that reserves less.
public enum ScratchSize {
  /// Bytes of scratch for one thread, a multiple of 64.
  ///
  /// - Parameters:
  ///   - operation: an operator whose tensor indices are valid.
  ///   - tensors: the tensors of the file.
  public static func bytes(for operation: drift_operator, tensors: UnsafeBufferPointer<drift_tensor>) -> UInt64 {
    let output = tensors[Int(operation.output)]
    let channels = UInt64(output.channels)
    let need: UInt64
    switch operation.opcode {
    case DRIFT_OP_CONVOLUTION.rawValue:
      // Factor, bias and starting value of each output channel, whole blocks.
      need = (channels + 15) / 16 * 16 * 12
    case DRIFT_OP_NORMALIZE.rawValue:
      // Factor and offset of each channel.
      need = channels * 8
    case DRIFT_OP_ATTENTION.rawValue:
      // Logits and probabilities of one query, column sums of the values.
      need = UInt64(output.height) * UInt64(output.width) * 5 + channels * 8
    default:
      need = 0
    }
    return (need + 63) / 64 * 64
  }
}
