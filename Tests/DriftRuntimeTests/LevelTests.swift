import CDriftFormat
import DriftFormat
import Testing

/// Stores of int8 with 1 to 255 levels, in every operator that makes them: each kernel set of this CPU against the plain interpreter.
struct LevelTests {
  private static let numbers = [1, 2, 3, 7, 15, 63, 127, 254, 255]
  private let operators = OperatorTests()

  /// Programs whose int8 tensors all have `levels` levels, added to what they read so that no output is the same everywhere.
  private func check(
    _ levels: Int, _ label: String, channels: Int, size: Int = 6, extremes: Bool = false,
    _ body: (inout ProgramBuilder, Int) -> Int
  ) throws {
    var b = ProgramBuilder(channels: 1, height: size, width: size, seed: UInt64(31_000 + levels * 40 + channels))
    b.levels = levels
    b.usesExtremes = extremes
    let trunk = b.trunk(channels: channels)
    let y = body(&b, trunk)
    #expect(b.image.tensors[y].type == DRIFT_TYPE_INT8)
    b.finish(b.convolve(y, to: DRIFT_TYPE_INT16, channels: channels, size: (size, size), residual: trunk))
    try operators.check(b, "\(label), \(levels) levels, \(channels) channels")
  }

  @Test(arguments: numbers) func convolutionsStoreWithinTheirLevels(_ levels: Int) throws {
    for channels in [1, 7, 16, 33] {
      for extremes in [false, true] {
        try check(levels, "convolution", channels: channels, extremes: extremes) { b, x in
          b.convolve(
            b.quantize(x, DRIFT_TYPE_INT8), to: DRIFT_TYPE_INT8, channels: channels, size: (6, 6), kernel: (3, 3), pad: (1, 1),
            stepBias: true)
        }
        try check(levels, "depthwise", channels: channels, extremes: extremes) { b, x in
          b.convolveDepthwise(b.quantize(x, DRIFT_TYPE_INT8), to: DRIFT_TYPE_INT8, size: (6, 6), kernel: (3, 3), pad: (1, 1))
        }
      }
    }
  }

  @Test(arguments: numbers) func elementsAreStoredWithinTheirLevels(_ levels: Int) throws {
    for channels in [1, 4, 18, 40] {
      for activation in [DRIFT_ACTIVATION_NONE, DRIFT_ACTIVATION_RELU, DRIFT_ACTIVATION_TABLE, DRIFT_ACTIVATION_BUMP] {
        try check(levels, "activate \(activation)", channels: channels) { b, x in
          b.activate(x, to: DRIFT_TYPE_INT8, activation: activation)
        }
        try check(levels, "normalize \(activation)", channels: channels) { b, x in
          b.normalize(x, to: DRIFT_TYPE_INT8, activation: activation)
        }
      }
      try check(levels, "quantize", channels: channels) { b, x in b.quantize(x, DRIFT_TYPE_INT8) }
      try check(levels, "multiply", channels: channels) { b, x in b.multiply(x, x, to: DRIFT_TYPE_INT8) }
    }
  }

  @Test(arguments: numbers) func attentionsReadAndStoreLevels(_ levels: Int) throws {
    for channels in [4, 18] {
      try check(levels, "attention", channels: channels) { b, x in
        let read = b.quantize(x, DRIFT_TYPE_INT8)
        let q = b.convolve(read, to: DRIFT_TYPE_INT8, channels: channels, size: (6, 6), symmetric: true)
        let k = b.load(DRIFT_TYPE_INT8, size: (3, 5), channels: channels, symmetric: true)
        let v = b.load(DRIFT_TYPE_INT8, size: (3, 5), channels: channels, symmetric: true)
        return b.attend(q, k, v, heads: 2)
      }
    }
  }
}
