import CDriftFormat
import DriftEmission
import DriftSpiking

/// Random networks of everything that a spiking program can be made of.
extension ProgramBuilder {
  /// A network whose 8-bit operands take so many levels.
  ///
  /// The rows of step groups are equal in pairs, so that a walk has steps that change scales, zero points or neither. With `ties`, scales
  /// are powers of two and values fall on half levels, where rounding must go to even.
  static func network(
    seed: UInt64, levels: Int, blocks: Int = 3, steps: Int = 5, classes: Int = 0, nullClass: Int? = nil, ties: Bool = false
  ) -> ProgramBuilder {
    let size = [4, 6][Int(seed % 2)]
    var b = ProgramBuilder(
      channels: 2, height: size, width: size, groups: steps, classes: classes, nullClass: nullClass, seed: 40_000 + seed)
    let channels = [8, 16, 5, 33, 1, 18, 12][Int(seed % 7)]
    var trunk = b.trunk(channels: channels)
    let kinds = Block.allCases
    for block in 0..<blocks {
      trunk = b.append(kinds[(Int(seed) * blocks + block) % kinds.count], to: trunk, size: size, channels: channels)
    }
    b.body = trunk
    b = b.finished()
    b.quantize(to: levels, ties: ties)
    return b
  }

  /// Parts of a network, each from an int16 tensor to one of the same shape.
  enum Block: CaseIterable {
    case convolution, normalized, strided, enlarged, phases, concatenated, shared, chained, attention, depthwise, pooled
  }

  private mutating func append(_ block: Block, to trunk: Int, size: Int, channels: Int) -> Int {
    let whole = (size, size), half = (size / 2, size / 2)
    switch block {
    case .convolution:
      let x = activate(trunk, to: DRIFT_TYPE_INT8, activation: DRIFT_ACTIVATION_RELU)
      return convolve(
        x, to: DRIFT_TYPE_INT16, channels: channels, size: whole, kernel: (3, 3), pad: (1, 1), residual: trunk, stepBias: true)
    case .normalized:
      let x = normalize(trunk, to: DRIFT_TYPE_INT8, activation: DRIFT_ACTIVATION_BUMP, modulated: true)
      return convolve(x, to: DRIFT_TYPE_INT16, channels: channels, size: whole, residual: trunk, gated: true)
    case .strided:
      let x = quantize(trunk, DRIFT_TYPE_INT8)
      let down = convolve(
        x, to: DRIFT_TYPE_INT8, channels: channels + 3, size: half, kernel: (3, 3), stride: 2, pad: (1, 1), stepBias: true)
      return convolve(
        down, to: DRIFT_TYPE_INT16, channels: channels, size: whole, kernel: (3, 3), pad: (1, 1), upsample: true, residual: trunk)
    case .enlarged:
      let x = activate(averagePool(trunk), to: DRIFT_TYPE_INT8, activation: DRIFT_ACTIVATION_TABLE)
      return convolve(
        x, to: DRIFT_TYPE_INT16, channels: channels, size: whole, kernel: (2, 3), pad: (0, 1), upsample: true, residual: trunk)
    case .phases:
      let x = normalize(averagePool(trunk), to: DRIFT_TYPE_INT8, activation: DRIFT_ACTIVATION_RELU)
      let large = convolve(
        x, to: DRIFT_TYPE_INT8, channels: 16, size: whole, kernel: (2, 2), pad: (1, 1), byPhases: true, stepBias: true)
      return convolve(large, to: DRIFT_TYPE_INT16, channels: channels, size: whole, residual: trunk)
    case .concatenated:
      let other = convolve(quantize(trunk, DRIFT_TYPE_INT8), to: DRIFT_TYPE_INT16, channels: 7, size: whole, gated: true)
      let (first, second) = Bool.random(using: &random) ? (trunk, other) : (other, trunk)
      let x =
        Bool.random(using: &random)
        ? quantize(concatenate(first, second), DRIFT_TYPE_INT8)
        : normalize(first, second, to: DRIFT_TYPE_INT8, activation: DRIFT_ACTIVATION_RELU)
      return convolve(x, to: DRIFT_TYPE_INT16, channels: channels, size: whole, kernel: (3, 1), pad: (1, 0))
    case .shared:
      let x = activate(trunk, to: DRIFT_TYPE_INT8, activation: DRIFT_ACTIVATION_BUMP)
      let a = convolve(x, to: DRIFT_TYPE_INT16, channels: channels, size: whole, kernel: (3, 3), pad: (1, 1))
      let c = convolve(x, to: DRIFT_TYPE_INT16, channels: channels, size: whole, kernel: (5, 5), pad: (2, 2), residual: a)
      return add(c, convolve(x, to: DRIFT_TYPE_INT16, channels: channels, size: whole))
    case .chained:
      let x = convolve(
        quantize(trunk, DRIFT_TYPE_INT8), to: DRIFT_TYPE_INT8, channels: 19, size: whole, kernel: (3, 3), pad: (1, 1))
      let y = convolve(x, to: DRIFT_TYPE_INT8, channels: 34, size: whole, stepBias: true, gated: true)
      return convolve(y, to: DRIFT_TYPE_INT16, channels: channels, size: whole, kernel: (3, 3), pad: (1, 1), residual: trunk)
    case .attention:
      let x = quantize(trunk, DRIFT_TYPE_INT8)
      let qkv = (0..<3).map { _ in convolve(x, to: DRIFT_TYPE_INT8, channels: 6, size: whole, symmetric: true) }
      let y = attend(qkv[0], qkv[1], qkv[2], heads: 2)
      return convolve(y, to: DRIFT_TYPE_INT16, channels: channels, size: whole, residual: trunk)
    case .depthwise:
      let x = activate(trunk, to: DRIFT_TYPE_INT8, activation: DRIFT_ACTIVATION_RELU)
      let own = convolveDepthwise(x, to: DRIFT_TYPE_INT8, size: whole, kernel: (3, 3), pad: (1, 1))
      let mixed = convolve(own, to: DRIFT_TYPE_INT16, channels: channels, size: whole, residual: trunk)
      return convolve(x, to: DRIFT_TYPE_INT16, channels: channels, size: whole, residual: mixed)
    case .pooled:
      let low = convolve(quantize(averagePool(trunk), DRIFT_TYPE_INT8), to: DRIFT_TYPE_INT16, channels: channels, size: half)
      return add(upsample(low), trunk)
    }
  }

  /// Gives 8-bit operands so many levels over a range of about [-3, 3].
  private mutating func quantize(to levels: Int, ties: Bool) {
    for (index, tensor) in image.tensors.enumerated() where tensor.type == DRIFT_TYPE_INT8 || ties {
      if tensor.type == DRIFT_TYPE_FLOAT32 || tensor.type == DRIFT_TYPE_INT8_PAIR { continue }
      // What stays the same when the step group changes: all, the zero point, or nothing.
      let changes = Int.random(in: 0..<3, using: &random)
      for group in image.quantization.indices {
        let cluster = group / 2
        var entry = image.quantization[cluster * 2][index]
        if tensor.type == DRIFT_TYPE_INT8 {
          let grown = changes == 0 ? 1 : 1 + 0.11 * Float(cluster)
          let scale = 6 / Float(levels) * grown
          entry.scale = ties ? Float(sign: .plus, exponent: scale.exponent, significand: 1) : scale
          let shift = changes == 2 ? cluster % 2 : 0
          let isSymmetric = tensor.flags & DRIFT_TENSOR_SYMMETRIC.rawValue != 0
          entry.zero_point = isSymmetric ? 0 : Int32(-128 + (levels + 1) / 2 - shift)
          image.tensors[index].levels = isSymmetric ? max(levels / 2, 1) * 2 : levels
        } else {
          let step = 6 / Float(levels)
          entry.scale = Float(sign: .plus, exponent: step.exponent - 1, significand: 1)
        }
        image.quantization[group][index] = entry
      }
    }
    if ties { roundWeightScales() }
  }

  /// Makes sums of weighted levels multiples of halves of the output's steps.
  private mutating func roundWeightScales() {
    for operation in image.operators where operation.record.opcode == DRIFT_OP_CONVOLUTION.rawValue {
      edit(operation.record.constants.1) { Float(sign: .plus, exponent: $0.exponent, significand: 1) }
      edit(operation.record.constants.2) { ($0 * 8).rounded() / 8 }
    }
  }

  private mutating func edit(_ constant: Int32, _ change: (Float) -> Float) {
    let index = Int(constant)
    let bytes = image.constants[index].bytes
    let values = bytes.withUnsafeBytes { bytes in
      (0..<bytes.count / 4).map { Float(bitPattern: bytes.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self)) }
    }
    image.constants[index].bytes = values.flatMap { self.bytes(of: change($0).bitPattern) }
  }

  /// The same program with neurons.
  func spiking(threshold: Int = 0) throws -> ProgramBuilder {
    var result = self
    result.image = try image.spiking(threshold: threshold)
    return result
  }
}
