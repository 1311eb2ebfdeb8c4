import CDriftKernels

/// The membranes of a convolution: exact sums of weighted levels, less those of real zero, [ceil(channels/16)][pixels][16]. Of a convolution
/// by phases the pixels lie phase by phase.
struct Membranes {
  /// Outputs of a block.
  static var blockOutputs: Int { 16 }

  let base: UnsafeMutablePointer<Int32>
  /// From block to block.
  let blockStride: Int

  init(_ operand: Executor.Operand) {
    base = operand.base.assumingMemoryBound(to: Int32.self)
    blockStride = operand.pixels &* Membranes.blockOutputs
  }

  func of(pixel: Int, block: Int) -> UnsafeMutablePointer<Int32> {
    base + (block &* blockStride &+ pixel &* Membranes.blockOutputs)
  }
}
