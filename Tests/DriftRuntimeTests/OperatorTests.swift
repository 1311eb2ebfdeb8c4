import CDriftFormat
import DriftFormat
import DriftRuntime
import Testing

/// Every operator, in small verified programs with random weights, scales and inputs: each kernel set of this CPU against the plain
/// interpreter, bit for bit.
struct OperatorTests {
  /// Finishes the program, runs it on random input for every step and kernel set, and compares.
  func check(_ builder: ProgramBuilder, varies: Bool = true, _ label: @autoclosure () -> String) throws {
    // One, two or three threads, as the program's first weights fall.
    let chance = builder.image.constants.flatMap { $0.bytes.prefix(8) }.reduce(0) { ($0 &* 31 &+ Int($1)) & 0xFFFF }
    let threads = 1 + chance % 3
    let model = try TestModel(builder, threads: threads)
    var random = TestRandom(99)
    for step in model.image.steps.indices {
      let x = (0..<model.sampleCount).map { _ in random.float(-3...3) }
      for classLabel in 0..<max(Int32(model.file.model.class_count), 1) {
        let expected = model.expected(x, step: step, classLabel: Int(classLabel))
        // A program that saturates everywhere would prove nothing.
        #expect(!varies || expected.count < 12 || Set(bits(expected)).count > expected.count / 12, "\(label()) saturates")
        for kernels in TestModel.kernelSets {
          let label32 = model.file.model.class_count == 0 ? -1 : classLabel
          let found = try model.evaluate(x, step: step, classLabel: label32, kernels: kernels)
          #expect(
            bits(found) == bits(expected), "\(label()), step \(step), class \(classLabel), \(kernels.kind), \(threads) threads")
        }
      }
    }
  }

  private static let types = [DRIFT_TYPE_INT8, DRIFT_TYPE_INT8_PAIR]

  @Test func convolutionsOfEveryShape() throws {
    var seed: UInt64 = 0
    for inputs in [1, 3, 4, 5, 16, 18, 33] {
      for outputs in [1, 4, 7, 16, 17, 32, 37] {
        for (height, width) in [(1, 1), (3, 5), (7, 7)] {
          seed += 1
          let kernels = [(1, 1), (3, 3), (2, 3), (5, 1)].filter { $0.0 <= height + 2 && $0.1 <= width + 2 }
          let kernel = kernels[Int(seed) % kernels.count]
          let type = Self.types[Int(seed) % 2]
          let output = [DRIFT_TYPE_INT8, DRIFT_TYPE_INT16][Int(seed / 2) % 2]
          var b = ProgramBuilder(channels: 2, height: height, width: width, seed: seed)
          b.usesExtremes = seed % 5 == 0
          let trunk = b.trunk(channels: inputs)
          let pad = (kernel.0 / 2, kernel.1 / 2)
          let x = b.quantize(trunk, type)
          b.finish(b.convolve(x, to: output, channels: outputs, size: (height, width), kernel: kernel, pad: pad))
          try check(b, "\(inputs) to \(outputs) channels, \(height)x\(width), kernel \(kernel), \(type) to \(output)")
        }
      }
    }
  }

  @Test func convolutionsWithStridesPaddingAndUpsampling() throws {
    var seed: UInt64 = 1000
    for type in Self.types {
      for size in [4, 5, 7, 8] {
        for stride in 1...3 {
          for pad in 0...2 {
            seed += 1
            let small = (size + 2 * pad - 3) / stride + 1
            guard small >= 1 else { continue }
            var b = ProgramBuilder(channels: 1, height: size, width: size, seed: seed)
            b.usesExtremes = seed % 2 == 0
            let x = b.quantize(b.trunk(channels: 6), type)
            let down = b.convolve(
              x, to: DRIFT_TYPE_INT8, channels: 9, size: (small, small), kernel: (3, 3), stride: stride, pad: (pad, pad))
            // Back to the sample's size: enlarged twice, cut or padded by a kernel that fits.
            let enlarged = 2 * small
            let kernel = max(1, enlarged - size + 1)
            let grow = max(0, size - enlarged)
            guard grow == 0 else { continue }
            let up = b.convolve(
              down, to: DRIFT_TYPE_INT16, channels: 5, size: (size, size), kernel: (kernel, kernel), upsample: true)
            b.finish(up)
            try check(b, "size \(size), stride \(stride), pad \(pad), \(type)")
          }
        }
      }
    }
  }

  @Test func upsamplingConvolutionsPadTheEnlargedImage() throws {
    for (index, type) in Self.types.enumerated() {
      for (small, kernel, pad) in [(3, 3, 1), (2, 5, 2), (4, 2, 1), (1, 3, 1)] {
        let large = 2 * small
        var b = ProgramBuilder(channels: 1, height: large, width: large, seed: UInt64(2000 + index))
        let pooled = b.averagePool(b.trunk(channels: 5))
        let x = b.quantize(pooled, type)
        b.finish(
          b.convolve(
            x, to: DRIFT_TYPE_INT16, channels: 6, size: (large, large), kernel: (kernel, kernel), pad: (pad, pad), upsample: true))
        try check(b, "from \(small), kernel \(kernel), pad \(pad), \(type)")
      }
    }
  }

  @Test func convolutionsWhoseThreadsShareOutChannels() throws {
    var seed: UInt64 = 2700
    for type in Self.types {
      for (outputs, size) in [(64, 3), (128, 5), (144, 2), (256, 4)] {
        for repetition in 0..<3 {
          seed += 1
          var b = ProgramBuilder(channels: 1, height: size, width: size, seed: seed)
          let x = b.quantize(b.trunk(channels: 20 + repetition), type)
          b.finish(b.convolve(x, to: DRIFT_TYPE_INT16, channels: outputs, size: (size, size), kernel: (3, 3), pad: (1, 1)))
          try check(b, "\(outputs) outputs, \(size)x\(size), \(type)")
        }
      }
    }
  }

  @Test func upsamplingConvolutionsByPhases() throws {
    var seed: UInt64 = 2500
    for type in Self.types {
      for (height, width, channels) in [(1, 1, 16), (2, 3, 32), (4, 4, 64), (3, 8, 16), (2, 50, 80)] {
        seed += 1
        var b = ProgramBuilder(channels: 1, height: 2 * height, width: 2 * width, classes: 2, seed: seed)
        b.usesExtremes = seed % 3 == 0
        let around = b.trunk(channels: channels)
        let x = b.quantize(b.averagePool(b.trunk(channels: 5)), type)
        let residual = seed % 2 == 0 ? around : nil
        let up = b.convolve(
          x, to: DRIFT_TYPE_INT16, channels: channels, size: (2 * height, 2 * width), kernel: (2, 2), pad: (1, 1), byPhases: true,
          residual: residual, stepBias: true)
        b.finish(residual == nil ? b.add(up, around) : up)
        try check(b, "\(height)x\(width), \(channels) channels, \(type)")
      }
    }
  }

  @Test func convolutionsWithResidualAndStepBias() throws {
    var seed: UInt64 = 3000
    for type in Self.types {
      for channels in [1, 4, 15, 16, 20, 48] {
        seed += 1
        var b = ProgramBuilder(channels: 2, height: 5, width: 4, groups: 3, classes: 3, nullClass: 1, seed: seed)
        let trunk = b.trunk(channels: channels)
        let x = b.quantize(trunk, type)
        b.finish(
          b.convolve(
            x, to: DRIFT_TYPE_INT16, channels: channels, size: (5, 4), kernel: (3, 3), pad: (1, 1), residual: trunk, stepBias: true)
        )
        try check(b, "\(channels) channels, \(type)")
      }
    }
  }

  @Test func aStripEndsAnywhere() throws {
    // More pixels than a strip of 48 rows, by every remainder of a tile.
    for width in 45...61 {
      var b = ProgramBuilder(channels: 1, height: 1, width: width, groups: 1, seed: UInt64(width))
      let x = b.quantize(b.trunk(channels: 3), Self.types[width % 2])
      b.finish(b.convolve(x, to: DRIFT_TYPE_INT8, channels: 18, size: (1, width), kernel: (1, 3), pad: (0, 1)))
      try check(b, "width \(width)")
    }
  }

  @Test func normalizationsOfOneTensor() throws {
    var seed: UInt64 = 4000
    for (channels, groups) in [(1, 1), (4, 2), (6, 3), (16, 4), (24, 8), (33, 3), (32, 32)] {
      for activation in [DRIFT_ACTIVATION_NONE, DRIFT_ACTIVATION_RELU, DRIFT_ACTIVATION_TABLE, DRIFT_ACTIVATION_BUMP] {
        for output in [DRIFT_TYPE_INT8, DRIFT_TYPE_INT16, DRIFT_TYPE_INT8_PAIR] {
          let isBump = activation == DRIFT_ACTIVATION_BUMP
          if !isBump { seed += 1 }
          var b = ProgramBuilder(channels: 1, height: 3, width: 5, classes: 2, seed: isBump ? seed + 500 : seed)
          let trunk = b.trunk(channels: channels)
          b.finish(b.normalize(trunk, to: output, groups: groups, activation: activation, modulated: seed % 2 == 0))
          try check(b, "\(channels) channels, \(groups) groups, \(activation), \(output)")
        }
      }
    }
  }

  @Test func normalizationsOfTwoTensorsWhoseGroupsStraddle() throws {
    var seed: UInt64 = 5000
    for (a, c, groups) in [(1, 1, 1), (3, 5, 2), (8, 16, 3), (10, 6, 4), (20, 12, 8), (5, 28, 3), (64, 2, 6)] {
      for output in [DRIFT_TYPE_INT8, DRIFT_TYPE_INT16, DRIFT_TYPE_INT8_PAIR] {
        seed += 1
        var b = ProgramBuilder(channels: 1, height: 4, width: 3, seed: seed)
        let (first, second) = (b.trunk(channels: a), b.trunk(channels: c))
        b.finish(b.normalize(first, second, to: output, groups: groups, activation: DRIFT_ACTIVATION_TABLE, modulated: true))
        try check(b, "\(a) + \(c) channels, \(groups) groups, \(output)")
      }
    }
  }

  @Test func aConstantTensorNormalizesToItsBeta() throws {
    // All inputs saturate: no variance, so epsilon alone keeps the division finite.
    var b = ProgramBuilder(channels: 1, height: 4, width: 4, groups: 1, seed: 5500)
    let trunk = b.trunk(channels: 4)
    b.image.quantization[0][trunk].scale = 0x1p-40
    b.finish(b.normalize(trunk, to: DRIFT_TYPE_INT16, groups: 4, activation: DRIFT_ACTIVATION_NONE))
    try check(b, varies: false, "saturated")
  }

  @Test func attentionOfEveryShape() throws {
    var seed: UInt64 = 6000
    for (height, width) in [(1, 1), (2, 3), (4, 4), (5, 7), (8, 8)] {
      for (channels, heads) in [(4, 1), (6, 2), (12, 4), (16, 1), (32, 2), (36, 2), (40, 8), (3, 3)] {
        seed += 1
        var b = ProgramBuilder(channels: 1, height: height, width: width, seed: seed)
        b.usesExtremes = seed % 4 == 0
        let x = b.quantize(b.trunk(channels: channels), DRIFT_TYPE_INT8)
        let qkv = (0..<3).map { _ in
          b.convolve(x, to: DRIFT_TYPE_INT8, channels: channels, size: (height, width), symmetric: true)
        }
        b.finish(b.attend(qkv[0], qkv[1], qkv[2], heads: heads))
        try check(b, "\(height * width) tokens, \(channels) channels, \(heads) heads")
      }
    }
  }

  @Test func elementwiseOperatorsOfEveryWidth() throws {
    for channels in 1...21 {
      var b = ProgramBuilder(channels: 2, height: 6, width: 4, seed: UInt64(7000 + channels))
      let (first, second) = (b.trunk(channels: channels), b.trunk(channels: channels))
      let sum = b.add(first, second)
      let around = b.upsample(b.averagePool(sum))
      let both = b.concatenate(around, first)
      b.finish(b.activate(both, to: DRIFT_TYPE_INT16, activation: DRIFT_ACTIVATION_TABLE))
      try check(b, "\(channels) channels")
    }
  }

  @Test func activationsOfEveryType() throws {
    for activation in [DRIFT_ACTIVATION_NONE, DRIFT_ACTIVATION_RELU, DRIFT_ACTIVATION_TABLE, DRIFT_ACTIVATION_BUMP] {
      for output in [DRIFT_TYPE_INT8, DRIFT_TYPE_INT16, DRIFT_TYPE_INT8_PAIR] {
        for channels in [2, 5, 16, 23] {
          var b = ProgramBuilder(channels: 1, height: 5, width: 5, seed: UInt64(8000 + channels))
          b.finish(b.activate(b.trunk(channels: channels), to: output, activation: activation))
          try check(b, "\(activation), \(output), \(channels) channels")
        }
      }
    }
  }

  @Test func quantizationOfFloatsOfEveryWidth() throws {
    for channels in 1...19 {
      for type in Self.types {
        var b = ProgramBuilder(channels: channels, height: 3, width: 2, seed: UInt64(9000 + channels))
        b.finish(b.quantize(b.state, type))
        try check(b, "\(channels) channels, \(type)")
      }
    }
  }
}
