import CDriftFormat

/// Working memory that the engine needs while it runs one operator, for each thread. The planner reserves it and the verifier
/// refuses a file that reserves less.
public enum ScratchSize {
  /// Bytes of scratch for one thread, a multiple of 64.
  ///
  /// - Parameters:
  ///   - operation: an operator whose tensor indices and kernel size are valid.
  ///   - tensors: the tensors of the file.
  public static func bytes(for operation: drift_operator, tensors: UnsafeBufferPointer<drift_tensor>) -> UInt64 {
    let output = tensors[Int(operation.output)]
    switch operation.opcode {
    case DRIFT_OP_CONVOLUTION.rawValue, DRIFT_OP_DEPTHWISE.rawValue:
      let input = tensors[Int(operation.inputs.0)]
      let taps = UInt64(operation.kernel_height) * UInt64(operation.kernel_width)
      return ConvolutionScratch(
        taps: taps, inputs: UInt64(input.channels), outputs: UInt64(operation.phases) * UInt64(output.channels)
      ).bytes
    case DRIFT_OP_NORMALIZE.rawValue:
      return NormalizeScratch(channels: UInt64(output.channels)).bytes
    case DRIFT_OP_ACTIVATE.rawValue where operation.isOfStep:
      return NormalizeScratch(channels: UInt64(output.channels)).bytes
    case DRIFT_OP_ACTIVATE.rawValue, DRIFT_OP_MULTIPLY.rawValue:
      return ActivateScratch().bytes
    case DRIFT_OP_CODEBOOK.rawValue:
      return ScratchLayout.roundUp(UInt64(output.channels) * 2, to: 64)
    case DRIFT_OP_ATTENTION.rawValue:
      let (keys, heads) = (tensors[Int(operation.inputs.1)], UInt64(max(operation.heads, 1)))
      return AttentionScratch(
        tokens: UInt64(keys.height) * UInt64(keys.width), depth: UInt64(keys.channels) / heads,
        valueDepth: UInt64(output.channels) / heads
      ).bytes
    default:
      return 0
    }
  }
}
