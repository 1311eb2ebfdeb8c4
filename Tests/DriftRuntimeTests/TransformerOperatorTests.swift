import CDriftFormat
import CDriftKernels
import DriftFormat
import DriftRuntime
import Testing

/// The operators of transformers and latent models, in small verified programs: each kernel set of this CPU, on one to four threads,
/// against the plain interpreter, bit for bit.
struct TransformerOperatorTests {
  /// Finishes the program, runs it on random input for every step, class, kernel set and number of threads, and compares.
  func check(_ builder: ProgramBuilder, _ label: @autoclosure () -> String) throws {
    for threads in 1...4 {
      let model = try TestModel(builder, threads: threads)
      var random = TestRandom(98)
      for step in model.image.steps.indices {
        let x = (0..<model.sampleCount).map { _ in random.float(-3...3) }
        for classLabel in 0..<max(Int32(model.file.model.class_count), 1) {
          let expected = model.expected(x, step: step, classLabel: Int(classLabel))
          #expect(expected.count < 12 || Set(bits(expected)).count > expected.count / 12, "\(label()) saturates")
          for kernels in TestModel.kernelSets {
            let label32 = model.file.model.class_count == 0 ? -1 : classLabel
            let found = try model.evaluate(x, step: step, classLabel: label32, kernels: kernels)
            #expect(
              bits(found) == bits(expected), "\(label()), step \(step), class \(classLabel), \(kernels.kind), \(threads) threads")
          }
        }
      }
    }
  }

  private static let outputs = [DRIFT_TYPE_INT8, DRIFT_TYPE_INT16, DRIFT_TYPE_INT8_PAIR]
  private static let activations = [
    DRIFT_ACTIVATION_NONE, DRIFT_ACTIVATION_RELU, DRIFT_ACTIVATION_TABLE, DRIFT_ACTIVATION_BUMP,
  ]

  @Test func normalizationsOfPixels() throws {
    var seed: UInt64 = 20_000
    for mode in [DRIFT_NORMALIZATION_PIXEL, DRIFT_NORMALIZATION_RMS] {
      for channels in [1, 2, 5, 16, 33] {
        for output in Self.outputs {
          seed += 1
          let activation = Self.activations[Int(seed) % 4]
          var b = ProgramBuilder(channels: 1, height: 3, width: 5, classes: 2, seed: seed)
          let trunk = b.trunk(channels: channels)
          // One channel is its own mean: what is left is beta.
          let other = channels == 1 ? b.trunk(channels: 1) : nil
          let y = b.normalize(
            trunk, to: channels == 1 ? DRIFT_TYPE_INT16 : output, activation: activation, modulated: seed % 2 == 0, mode: mode)
          b.finish(other.map { b.add(y, $0) } ?? y)
          try check(b, "\(channels) channels, \(mode), \(activation), \(output)")
        }
      }
    }
  }

  @Test func aRootMeanSquareIsNotAVariance() throws {
    func answer(_ mode: drift_normalization) throws -> [Float] {
      var b = ProgramBuilder(channels: 1, height: 2, width: 2, seed: 20_500)
      b.finish(b.normalize(b.trunk(channels: 8), to: DRIFT_TYPE_INT16, activation: DRIFT_ACTIVATION_NONE, mode: mode))
      return try TestModel(b).evaluate([1, -1, 0.5, 2], step: 0, kernels: .best)
    }
    #expect(try answer(DRIFT_NORMALIZATION_PIXEL) != answer(DRIFT_NORMALIZATION_RMS))
    #expect(try answer(DRIFT_NORMALIZATION_PIXEL) != answer(DRIFT_NORMALIZATION_GROUP))
  }

  @Test func groupNormalizationsWithFactorsForEachValue() throws {
    var seed: UInt64 = 21_000
    for (a, c, groups) in [(4, 0, 2), (6, 0, 1), (3, 5, 2), (20, 12, 8)] {
      for (eachGamma, eachBeta) in [(true, true), (true, false), (false, true)] {
        for modulated in [false, true] {
          seed += 1
          var b = ProgramBuilder(channels: 1, height: 4, width: 3, seed: seed)
          let (first, second) = (b.trunk(channels: a), c == 0 ? nil : b.trunk(channels: c))
          b.finish(
            b.normalize(
              first, second, to: Self.outputs[Int(seed) % 3], groups: groups, activation: Self.activations[Int(seed) % 4],
              modulated: modulated, eachGamma: eachGamma, eachBeta: eachBeta))
          try check(b, "\(a) + \(c) channels, \(groups) groups, gamma \(eachGamma), beta \(eachBeta)")
        }
      }
    }
  }

  @Test func gatedConvolutions() throws {
    var seed: UInt64 = 22_000
    for type in [DRIFT_TYPE_INT8, DRIFT_TYPE_INT8_PAIR] {
      for channels in [1, 6, 16, 20, 48] {
        for stepBias in [false, true] {
          seed += 1
          var b = ProgramBuilder(channels: 2, height: 4, width: 4, classes: 3, nullClass: 1, seed: seed)
          let trunk = b.trunk(channels: channels)
          let x = b.quantize(trunk, type)
          b.finish(
            b.convolve(
              x, to: DRIFT_TYPE_INT16, channels: channels, size: (4, 4), kernel: (3, 3), pad: (1, 1),
              residual: seed % 3 == 0 ? nil : trunk, stepBias: stepBias, gated: true))
          try check(b, "\(channels) channels, \(type), step bias \(stepBias)")
        }
      }
    }
    var b = ProgramBuilder(channels: 1, height: 4, width: 6, classes: 2, seed: 22_500)
    let x = b.quantize(b.averagePool(b.trunk(channels: 5)), DRIFT_TYPE_INT8)
    b.finish(
      b.convolve(x, to: DRIFT_TYPE_INT16, channels: 32, size: (4, 6), kernel: (2, 2), pad: (1, 1), byPhases: true, gated: true))
    try check(b, "by phases")
  }

  @Test func gatedDepthwiseConvolutions() throws {
    for (index, output) in [DRIFT_TYPE_INT8, DRIFT_TYPE_INT16].enumerated() {
      for channels in [1, 7, 16, 35] {
        var b = ProgramBuilder(channels: 1, height: 5, width: 4, classes: 2, seed: UInt64(23_000 + 100 * index + channels))
        let x = b.quantize(b.trunk(channels: channels), DRIFT_TYPE_INT8)
        b.finish(b.convolveDepthwise(x, to: output, size: (5, 4), kernel: (3, 3), pad: (1, 1), stepBias: index == 1, gated: true))
        try check(b, "\(channels) channels, \(output)")
      }
    }
  }

  @Test func attentionToOtherTokens() throws {
    var seed: UInt64 = 24_000
    for (queries, keys) in [((1, 1), (1, 7)), ((3, 4), (1, 1)), ((2, 2), (1, 77)), ((5, 3), (4, 4)), ((4, 4), (3, 11))] {
      for (channels, values, heads) in [(4, 8, 1), (6, 3, 3), (16, 20, 4), (40, 12, 2), (2, 66, 2)] {
        seed += 1
        var b = ProgramBuilder(channels: 1, height: queries.0, width: queries.1, classes: 2, seed: seed)
        // A single key gives the same answer to every query; what is added lets the pixels differ.
        let trunk = b.trunk(channels: 7)
        let x = b.quantize(trunk, DRIFT_TYPE_INT8)
        let q = b.convolve(x, to: DRIFT_TYPE_INT8, channels: channels, size: queries, symmetric: true)
        let k = b.load(DRIFT_TYPE_INT8, size: keys, channels: channels, rows: 2, mode: DRIFT_LOAD_CLASS, symmetric: true)
        let v = b.load(DRIFT_TYPE_INT8, size: keys, channels: values, rows: 4, mode: DRIFT_LOAD_STEP, symmetric: true)
        let y = b.attend(q, k, v, heads: heads)
        b.finish(b.convolve(y, to: DRIFT_TYPE_INT16, channels: 7, size: queries, residual: trunk))
        try check(b, "\(queries) to \(keys), \(channels) and \(values) channels, \(heads) heads")
      }
    }
  }

  @Test func productsOfEveryType() throws {
    for activation in Self.activations {
      for output in Self.outputs {
        for channels in [1, 4, 15, 33] {
          var b = ProgramBuilder(channels: 1, height: 5, width: 3, seed: UInt64(25_000 + channels))
          b.finish(b.multiply(b.trunk(channels: channels), b.trunk(channels: channels), to: output, activation: activation))
          try check(b, "\(activation), \(output), \(channels) channels")
        }
      }
    }
  }

  @Test func storedTensorsOfEveryKind() throws {
    var seed: UInt64 = 26_000
    for (mode, rows) in [(DRIFT_LOAD_FIXED, 1), (DRIFT_LOAD_CLASS, 3), (DRIFT_LOAD_STEP, 6)] {
      for channels in [1, 3, 8, 21] {
        seed += 1
        var b = ProgramBuilder(channels: 1, height: 4, width: 5, classes: 3, nullClass: 2, seed: seed)
        let trunk = b.trunk(channels: channels)
        let wide = b.load(DRIFT_TYPE_INT16, size: (4, 5), channels: channels, rows: rows, mode: mode)
        let narrow = b.load(DRIFT_TYPE_INT8, size: (4, 5), channels: channels, rows: rows, mode: mode)
        let both = b.convolve(narrow, to: DRIFT_TYPE_INT16, channels: channels, size: (4, 5), residual: wide)
        b.finish(b.add(both, trunk))
        try check(b, "\(channels) channels, \(mode)")
      }
    }
    var b = ProgramBuilder(channels: 1, height: 2, width: 2, seed: 26_500)
    let values = b.load(DRIFT_TYPE_INT16, size: (2, 2), channels: 3, rows: 2, mode: DRIFT_LOAD_STEP)
    b.finish(b.add(values, b.trunk(channels: 3)))
    try check(b, "no classes")
  }

  @Test func gathersOfEveryKind() throws {
    func check(_ label: String, _ seed: UInt64, size: (Int, Int) = (6, 4), _ body: (inout ProgramBuilder) -> Int) throws {
      var b = ProgramBuilder(channels: 1, height: size.0, width: size.1, seed: seed)
      b.finish(body(&b))
      try self.check(b, label)
    }
    try check("transposed, there and back", 27_000) { b in
      let x = b.trunk(channels: 5)
      let turned = b.gather([x], size: (4, 6), channels: 5, (0..<24).map { (0, $0 % 6 * 4 + $0 / 6, 0) })
      return b.gather([turned], size: (6, 4), channels: 5, (0..<24).map { (0, 23 - $0, 0) })
    }
    try check("cropped, then padded with zeros", 27_001) { b in
      let x = b.trunk(channels: 7)
      let inner = b.gather([x], size: (4, 2), channels: 7, (0..<8).map { (0, ($0 / 2 + 1) * 4 + $0 % 2 + 1, 0) })
      let places = (0..<24).map { pixel -> (Int, Int, Int)? in
        let (y, x) = (pixel / 4 - 1, pixel % 4 - 1)
        return y < 0 || y > 3 || x < 0 || x > 1 ? nil : (0, y * 2 + x, 0)
      }
      return b.add(b.gather([inner], size: (6, 4), channels: 7, places), x)
    }
    try check("pixels unshuffled, then shuffled by slices", 27_002) { b in
      let x = b.trunk(channels: 3)
      let parts = (0..<4).map { phase in
        b.gather([x], size: (3, 2), channels: 3, (0..<6).map { (0, ($0 / 2 * 2 + phase / 2) * 4 + $0 % 2 * 2 + phase % 2, 0) })
      }
      let deep = b.concatenate(b.concatenate(parts[0], parts[1]), b.concatenate(parts[2], parts[3]))
      return b.gather(
        [deep], size: (6, 4), channels: 3,
        (0..<24).map { (0, $0 / 4 / 2 * 2 + $0 % 4 / 2, ($0 / 4 % 2 * 2 + $0 % 2) * 3) })
    }
    try check("two sequences joined", 27_003) { b in
      let (x, y) = (b.trunk(channels: 6), b.trunk(channels: 9))
      return b.gather(
        [x, y], size: (6, 4), channels: 6, (0..<24).map { $0 % 7 == 3 ? nil : ($0 / 4 % 2, $0, $0 / 4 % 2 == 0 ? 0 : $0 % 4) })
    }
    try check("rows of one channel, reversed runs, repeated pixels", 27_004) { b in
      let x = b.trunk(channels: 10)
      let one = b.gather([x], size: (6, 4), channels: 1, (0..<24).map { (0, 20 - $0 / 4 * 4 + $0 % 3, 9 - $0 % 10) })
      return b.concatenate(one, b.gather([x], size: (6, 4), channels: 2, (0..<24).map { _ in (0, 11, 4) }))
    }
  }

  /// The greatest differences that the verifier lets through, over more channels than 32 bits could add up.
  @Test func distancesOfCodesAndSumsOfPixelsHoldTheirLimits() {
    let channels = 65535
    let low = [Int16](repeating: -32767, count: channels), high = [Int16](repeating: 32767, count: channels)
    var close = low
    close[channels - 1] = 32767
    #expect(drift_nearest_code(low, high + close + low, 3, UInt32(channels)) == 2)
    #expect(drift_nearest_code(low, high + close + close, 3, UInt32(channels)) == 1)
    var (sum, squares): (Int64, Int64) = (0, 0)
    drift_value_sums(low, UInt32(channels), &sum, &squares)
    #expect(sum == -32767 * 65535 && squares == 32767 * 32767 * 65535)
  }

  @Test func codebooksOfEverySize() throws {
    for (channels, codes) in [(1, 1), (1, 40), (3, 17), (4, 64), (19, 9), (64, 5)] {
      var b = ProgramBuilder(channels: 1, height: 4, width: 4, seed: UInt64(28_000 + channels + codes))
      let x = b.trunk(channels: channels)
      b.finish(b.add(b.codebook(x, codes: codes), x))
      try check(b, "\(codes) codes of \(channels) channels")
    }
  }
}
