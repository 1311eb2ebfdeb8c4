/// What a convolution, full or depthwise, keeps in its scratch, as byte offsets. The same on every CPU: a pointer takes 8 bytes.
package struct ConvolutionScratch {
  /// Rows (output pixels, or planes of pixels) that share one indirection: a multiple of every kernel's tile.
  package static let stripRows = 48

  /// Pointers to the inputs: [strip / tile rows][taps][tile rows].
  package let pointers: UInt64
  /// One pixel of zero points; whole blocks of 16 channels are readable.
  package let zeroPixel: UInt64
  /// Per output channel, in whole blocks: m and b as f32, c as int32.
  package let multipliers: UInt64, biases: UInt64, offsets: UInt64
  package let bytes: UInt64

  package init(taps: UInt64, inputs: UInt64, outputs: UInt64) {
    var layout = ScratchLayout()
    pointers = layout.reserve(taps * UInt64(ConvolutionScratch.stripRows) * 8)
    zeroPixel = layout.reserve(ScratchLayout.roundUp(inputs, to: 4))
    let channels = ScratchLayout.roundUp(outputs, to: 16)
    multipliers = layout.reserve(channels * 4)
    biases = layout.reserve(channels * 4)
    offsets = layout.reserve(channels * 4)
    bytes = layout.bytes
  }
}

/// What a normalization keeps in its scratch, as byte offsets.
package struct NormalizeScratch {
  /// Per channel: sum and sum of squares over a thread's pixels and over all of them as int64, then A and B as f32.
  package let sums: UInt64, squareSums: UInt64, allSums: UInt64, allSquareSums: UInt64, scales: UInt64, shifts: UInt64
  package let bytes: UInt64

  package init(channels: UInt64) {
    var layout = ScratchLayout()
    sums = layout.reserve(channels * 8)
    squareSums = layout.reserve(channels * 8)
    allSums = layout.reserve(channels * 8)
    allSquareSums = layout.reserve(channels * 8)
    scales = layout.reserve(channels * 4)
    shifts = layout.reserve(channels * 4)
    bytes = layout.bytes
  }
}

/// What an activation keeps in its scratch, as byte offsets: the same factor and offset for each of a run of values, f32. A product of two
/// tensors keeps the products of a run in place of the factors.
package struct ActivateScratch {
  /// Values of a run.
  package static let run = 64

  package let scales: UInt64, shifts: UInt64
  package let bytes: UInt64

  package init() {
    var layout = ScratchLayout()
    scales = layout.reserve(UInt64(ActivateScratch.run) * 4)
    shifts = layout.reserve(UInt64(ActivateScratch.run) * 4)
    bytes = layout.bytes
  }
}

/// What an attention keeps in its scratch for one head at a time, as byte offsets. Keys, values and what follows from them lie in the
/// first thread's scratch, the rest in each thread's own.
package struct AttentionScratch {
  /// k and v as weights of a matrix product.
  package let keys: UInt64, values: UInt64
  /// What is added to the sums of each token of k and of each column of v, int32.
  package let keyOffsets: UInt64, valueOffsets: UInt64
  /// Pointers to the rows of a tile, and the rows themselves where a head's channels are no multiple of 4.
  package let pointers: UInt64, queries: UInt64
  /// Logits and probabilities of a tile of queries.
  package let logits: UInt64, probabilities: UInt64
  /// Each row's factor.
  package let factors: UInt64
  package let bytes: UInt64

  /// - Parameters:
  ///   - tokens: of keys and values.
  ///   - depth: channels of a head of queries and keys.
  ///   - valueDepth: channels of a head of values.
  package init(tokens: UInt64, depth: UInt64, valueDepth: UInt64) {
    var layout = ScratchLayout()
    let (tokenWords, depthWords) = (ScratchLayout.roundUp(tokens, to: 4), ScratchLayout.roundUp(depth, to: 4))
    let (tokenBlocks, depthBlocks) = (ScratchLayout.roundUp(tokens, to: 16), ScratchLayout.roundUp(valueDepth, to: 16))
    keys = layout.reserve(tokenBlocks * depthWords)
    values = layout.reserve(depthBlocks * tokenWords)
    keyOffsets = layout.reserve(tokenBlocks * 4)
    valueOffsets = layout.reserve(depthBlocks * 4)
    pointers = layout.reserve(ScratchLayout.tileRows * 8)
    queries = layout.reserve(ScratchLayout.tileRows * depthWords)
    logits = layout.reserve(ScratchLayout.tileRows * tokenBlocks * 4)
    probabilities = layout.reserve(ScratchLayout.tileRows * tokenWords)
    factors = layout.reserve(ScratchLayout.tileRows * 4)
    bytes = layout.bytes
  }
}

/// Places one thing after the other, each on a 64-byte boundary.
package struct ScratchLayout {
  /// The most rows that any kernel multiplies at once.
  package static let tileRows: UInt64 = 8

  package private(set) var bytes: UInt64 = 0

  package init() {}

  package mutating func reserve(_ count: UInt64) -> UInt64 {
    let offset = bytes
    bytes += ScratchLayout.roundUp(count, to: 64)
    return offset
  }

  package static func roundUp(_ value: UInt64, to multiple: UInt64) -> UInt64 {
    (value + multiple - 1) / multiple * multiple
  }
}
