import CDriftFormat
import DriftEmission
import Foundation

/// docs/arithmetic.md once more, written from the page alone: plain arrays, plain loops, no kernel, no arena. The engine must give its
/// bits.
struct PlainInterpreter {
  let image: DriftImage
  let step: Int
  let classLabel: Int
  /// [height][width][channels] of every tensor: integers q, or float values in `floats`.
  private var integers: [[Int]]
  private var floats: [[Float]]
  /// Which of the runs for one answer.
  private var spikeStep = 0

  /// The program's answer for a state in [height][width][channels] order.
  static func evaluate(_ image: DriftImage, state: [Float], step: Int, classLabel: Int) -> [Float] {
    var kept: [Int: [Int]]?
    return evaluate(image, state: state, step: step, classLabel: classLabel, kept: &kept)
  }

  /// The same with what the first program keeps for the others; nil: nothing is kept, and the first program runs at every step.
  static func evaluate(_ image: DriftImage, state: [Float], step: Int, classLabel: Int, kept: inout [Int: [Int]]?) -> [Float] {
    var interpreter = PlainInterpreter(image: image, step: step, classLabel: classLabel)
    interpreter.floats[Int(image.model.state_tensor)] = state
    for (tensor, values) in kept ?? [:] { interpreter.integers[tensor] = values }
    let program = image.programs[kept?.isEmpty ?? true ? 0 : Int(image.steps[step].program)]
    for spikeStep in 0..<max(Int(image.model.spike_steps), 1) {
      interpreter.spikeStep = spikeStep
      for operation in image.operators[program.operators] { interpreter.run(operation.record) }
    }
    if kept != nil {
      for (tensor, record) in image.tensors.enumerated() where record.flags & DRIFT_TENSOR_KEPT.rawValue != 0 {
        kept?[tensor] = interpreter.integers[tensor]
      }
    }
    let scale = image.steps[step].output_scale
    return interpreter.floats[program.output].map { scale == 1 ? $0 : $0 * scale }
  }

  /// The decoder's picture of the state after the last step.
  static func decode(_ image: DriftImage, state: [Float], classLabel: Int) -> [Float] {
    guard let decoder = image.programs.last, decoder.role == DRIFT_PROGRAM_DECODER else { return state }
    var interpreter = PlainInterpreter(image: image, step: image.steps.count - 1, classLabel: classLabel)
    interpreter.floats[Int(image.model.state_tensor)] = state
    for operation in image.operators[decoder.operators] { interpreter.run(operation.record) }
    return interpreter.floats[decoder.output]
  }

  private init(image: DriftImage, step: Int, classLabel: Int) {
    (self.image, self.step, self.classLabel) = (image, step, classLabel)
    integers = Array(repeating: [], count: image.tensors.count)
    floats = Array(repeating: [], count: image.tensors.count)
  }

  func scale(_ tensor: Int) -> Float { image.quantization[Int(image.steps[step].group)][tensor].scale }
  func zero(_ tensor: Int) -> Int { Int(image.quantization[Int(image.steps[step].group)][tensor].zero_point) }
  func pixels(_ tensor: Int) -> Int { image.tensors[tensor].height * image.tensors[tensor].width }

  func constant(_ index: Int32) -> [Float] {
    image.constants[Int(index)].bytes.withUnsafeBytes { bytes in
      stride(from: 0, to: bytes.count, by: 4).map { Float(bitPattern: bytes.loadUnaligned(fromByteOffset: $0, as: UInt32.self)) }
    }
  }

  func stepValue(_ column: Int) -> Float {
    let row = Int(image.steps[step].step_row) + spikeStep * max(Int(image.model.class_count), 1) + classLabel
    return Float(image.stepTable[row * Int(image.model.step_columns) + column])
  }

  func stored(_ v: Float, _ tensor: Int) -> Int {
    let z = zero(tensor)
    let bounds: (Int, Int)
    switch image.tensors[tensor].type {
    case DRIFT_TYPE_INT16: bounds = (-32767, 32767)
    case DRIFT_TYPE_INT8_PAIR: bounds = (-32639, 32639)
    default:
      let isSymmetric = image.tensors[tensor].flags & DRIFT_TENSOR_SYMMETRIC.rawValue != 0
      let levels = image.tensors[tensor].levels ?? (isSymmetric ? 254 : 255)
      bounds = isSymmetric ? (-levels / 2, levels / 2) : (-128, levels - 128)
    }
    let clamped = min(max(v, Float(bounds.0 - z)), Float(bounds.1 - z))
    return Int(clamped.rounded(.toNearestOrEven)) + z
  }

  private mutating func run(_ op: drift_operator) {
    let y = Int(op.output)
    let (i0, i1, i2) = (Int(op.inputs.0), Int(op.inputs.1), Int(op.inputs.2))
    switch drift_opcode(op.opcode) {
    case DRIFT_OP_QUANTIZE:
      if image.tensors[i0].type == DRIFT_TYPE_FLOAT32 {
        let r = 1 / scale(y)
        integers[y] = floats[i0].map { stored($0 * r, y) }
      } else {
        let r = scale(i0) / scale(y)
        integers[y] = integers[i0].map { stored(Float($0) * r, y) }
      }
    case DRIFT_OP_CONVOLUTION: convolve(op)
    case DRIFT_OP_DEPTHWISE: integers[y] = depthwise(op, integers[i0])
    case DRIFT_OP_NORMALIZE: normalize(op)
    case DRIFT_OP_ATTENTION: attend(op, i0, i1, i2)
    case DRIFT_OP_ADD:
      let (fa, fb) = ((scale(i0) / scale(y)) * op.gain_a, (scale(i1) / scale(y)) * op.gain)
      integers[y] = zip(integers[i0], integers[i1]).map { stored(Float($0) * fa + Float($1) * fb, y) }
    case DRIFT_OP_AVERAGE_POOL:
      let f = (scale(i0) / scale(y)) * 0.25
      let (w, c) = (image.tensors[y].width, image.tensors[y].channels)
      let wide = image.tensors[i0].width
      integers[y] = (0..<pixels(y) * c).map { i in
        let (row, column, k) = (i / c / w, i / c % w, i % c)
        var t = 0
        for dy in 0..<2 { for dx in 0..<2 { t += integers[i0][((2 * row + dy) * wide + 2 * column + dx) * c + k] } }
        return stored(Float(t) * f, y)
      }
    case DRIFT_OP_UPSAMPLE:
      let (w, c) = (image.tensors[y].width, image.tensors[y].channels)
      integers[y] = (0..<pixels(y) * c).map { integers[i0][((($0 / c / w) / 2) * (w / 2) + ($0 / c % w) / 2) * c + $0 % c] }
    case DRIFT_OP_CONCATENATE:
      let (ca, cb) = (image.tensors[i0].channels, image.tensors[i1].channels)
      integers[y] = (0..<pixels(y) * (ca + cb)).map { i in
        let (p, c) = (i / (ca + cb), i % (ca + cb))
        return c < ca
          ? stored(Float(integers[i0][p * ca + c]) * (scale(i0) / scale(y)), y)
          : stored(Float(integers[i1][p * cb + c - ca]) * (scale(i1) / scale(y)), y)
      }
    case DRIFT_OP_MULTIPLY:
      let r = scale(i0) / scale(y)
      integers[y] = zip(integers[i0], integers[i1]).map { a, b in
        stored((Float(a) * act(Float(b) * scale(i1), op)) * r, y)
      }
    case DRIFT_OP_FIRE:
      let threshold = Int((op.gain / scale(i0)).rounded(.toNearestOrEven))
      if spikeStep == 0 { integers[i1] = integers[i0].map { _ in 0 } }
      integers[i1] = zip(integers[i1], integers[i0]).map { $0 + $1 }
      integers[y] = integers[i1].map { $0 >= threshold ? -127 : -128 }
      integers[i1] = integers[i1].map { $0 >= threshold ? 0 : $0 }
    case DRIFT_OP_DECAY:
      floats[i1] = spikeStep == 0 ? floats[i0] : zip(floats[i1], floats[i0]).map { op.gain * $0 + $1 }
      floats[y] = floats[i1]
    case DRIFT_OP_LOAD: integers[y] = storedRow(op)
    case DRIFT_OP_GATHER: integers[y] = gathered(op, integers[i0], i1 < 0 ? [] : integers[i1])
    case DRIFT_OP_CODEBOOK: integers[y] = nearestCodes(op, integers[i0])
    default:
      integers[y] = integers[i0].map { stored(act(Float($0) * scale(i0), op) * (1 / scale(y)), y) }
    }
  }

  private func act(_ v: Float, _ op: drift_operator) -> Float {
    switch drift_activation(op.activation) {
    case DRIFT_ACTIVATION_NONE: return v
    case DRIFT_ACTIVATION_RELU: return max(v, 0)
    case DRIFT_ACTIVATION_BUMP:
      let bump = constant(op.constants.2)
      let u = min(abs(v), bump[0])
      var p = bump[5] * u + bump[4]
      for i in [3, 2, 1] { p = p * u + bump[i] }
      for _ in 0..<3 { p = p * p }
      return max(v, 0) - p * u
    default:
      let index = Int(min(max(v * 128, -1024), 1023).rounded(.toNearestOrEven)) + 1024
      let entry = image.constants[Int(op.constants.2)].bytes.withUnsafeBytes { $0.load(fromByteOffset: index * 4, as: Float.self) }
      return max(v, 0) - entry
    }
  }

  private mutating func convolve(_ op: drift_operator) {
    let (x, y, r) = (Int(op.inputs.0), Int(op.output), Int(op.inputs.1))
    let (input, output) = (image.tensors[x], image.tensors[y])
    let (ci, co, kh, kw) = (input.channels, output.channels, Int(op.kernel_height), Int(op.kernel_width))
    let weights = image.constants[Int(op.constants.0)].bytes
    let (scales, bias) = (constant(op.constants.1), constant(op.constants.2))
    let k = scale(x) / scale(y), u = 1 / scale(y)
    let isPhased = op.upsample == DRIFT_UPSAMPLE_PHASES.rawValue
    let up = isPhased ? 0 : Int(op.upsample)
    let blocks = (ci + 3) / 4
    var result: [Float] = []
    for p in 0..<pixels(y) {
      let (oy, ox) = (p / output.width, p % output.width)
      let phase = isPhased ? oy % 2 * 2 + ox % 2 : 0
      for channel in 0..<co {
        let o = phase * co + channel
        var (acc, high, low) = (0, 0, 0)
        for t in 0..<kh * kw {
          let iy = isPhased ? oy / 2 + oy % 2 - 1 + t / kw : oy * Int(op.stride) - Int(op.pad_top) + t / kw
          let ix = isPhased ? ox / 2 + ox % 2 - 1 + t % kw : ox * Int(op.stride) - Int(op.pad_left) + t % kw
          guard iy >= 0, ix >= 0, iy < input.height << up, ix < input.width << up else { continue }
          for i in 0..<ci {
            let w = Int(Int8(bitPattern: weights[((o / 16 * kh * kw + t) * blocks + i / 4) * 64 + o % 16 * 4 + i % 4]))
            let q = integers[x][((iy >> up) * input.width + (ix >> up)) * ci + i]
            acc += (q - zero(x)) * w
            let lowByte = Int(Int8(truncatingIfNeeded: q))
            low += lowByte * w
            high += (q - lowByte) / 256 * w
          }
        }
        var v = input.type == DRIFT_TYPE_INT8_PAIR ? Float(high) * 256 + Float(low) : Float(acc)
        var b = bias[o]
        if op.step_column >= 0 { b = b + stepValue(Int(op.step_column) + channel) * op.step_scale }
        let g = gate(op, channel)
        v = g.map { v * ((scales[o] * k) * $0) + (b * u) * $0 } ?? v * (scales[o] * k) + b * u
        if r >= 0 { v = v + Float(integers[r][p * co + channel]) * ((scale(r) / scale(y)) * op.gain) }
        result.append(v)
      }
    }
    if output.type == DRIFT_TYPE_FLOAT32 { floats[y] = result } else { integers[y] = result.map { stored($0, y) } }
  }

  /// A channel's gate, if the operator has one.
  func gate(_ op: drift_operator, _ channel: Int) -> Float? {
    op.gate_column < 0 ? nil : stepValue(Int(op.gate_column) + channel) * op.gate_scale
  }

  private mutating func normalize(_ op: drift_operator) {
    if op.mode != 0 { return normalizePixels(op) }
    let y = Int(op.output)
    let parts = [Int(op.inputs.0), Int(op.inputs.1)].filter { $0 >= 0 }
    let channels = image.tensors[y].channels
    let size = channels / Int(op.groups)
    let (gamma, beta) = (constant(op.constants.0), constant(op.constants.1))
    var origin: [(tensor: Int, channel: Int)] = []
    for part in parts { for c in 0..<image.tensors[part].channels { origin.append((part, c)) } }
    var result = [Int](repeating: 0, count: pixels(y) * channels)
    for g in 0..<Int(op.groups) {
      let members = Array(g * size..<(g + 1) * size)
      var moments: [(n: Int, mean: Float, m2: Float)] = []
      for part in parts {
        let own = members.filter { origin[$0].tensor == part }
        let q = own.flatMap { c in (0..<pixels(y)).map { integers[part][$0 * image.tensors[part].channels + origin[c].channel] } }
        guard !q.isEmpty else { continue }
        let (n, s1) = (q.count, q.reduce(0, +))
        let t = s1 / n
        let rest = s1 - t * n
        let m = q.reduce(0) { $0 + ($1 - t) * ($1 - t) }
        let e = Float(rest) / Float(n)
        let s = scale(part)
        moments.append((n, (Float(t) + e) * s, max(0, Float(m) - Float(rest) * e) * (s * s)))
      }
      var (mean, variance) = (moments[0].mean, moments[0].m2 / Float(moments[0].n))
      if moments.count == 2 {
        let (na, nb, n) = (Float(moments[0].n), Float(moments[1].n), Float(moments[0].n + moments[1].n))
        let delta = moments[1].mean - moments[0].mean
        mean = moments[0].mean + delta * (nb / n)
        variance = ((moments[0].m2 + moments[1].m2) + (delta * delta) * ((na * nb) / n)) / n
      }
      let inverse = 1 / (variance + op.epsilon).squareRoot()
      for c in members {
        let (part, channel) = origin[c]
        for p in 0..<pixels(y) {
          let (a, b) = affine(
            op, c, of: channels, gamma: gamma[gamma.count > channels ? p * channels + c : c],
            beta: beta[beta.count > channels ? p * channels + c : c], mean, inverse, scale(part))
          let q = integers[part][p * image.tensors[part].channels + channel]
          result[p * channels + c] = stored(act(Float(q) * a + b, op) * (1 / scale(y)), y)
        }
      }
    }
    integers[y] = result
  }

  /// A and B of a channel.
  private func affine(
    _ op: drift_operator, _ c: Int, of channels: Int, gamma: Float, beta: Float, _ mean: Float, _ inverse: Float, _ s: Float
  ) -> (Float, Float) {
    var a = gamma * inverse
    var b = beta - mean * a
    if op.step_column >= 0 {
      let g = 1 + stepValue(Int(op.step_column) + c) * op.step_scale
      a = a * g
      b = b * g + stepValue(Int(op.step_column) + channels + c) * op.step_scale
    }
    return (a * s, b)
  }

  private mutating func normalizePixels(_ op: drift_operator) {
    let (x, y) = (Int(op.inputs.0), Int(op.output))
    let n = image.tensors[y].channels
    let (gamma, beta, s) = (constant(op.constants.0), constant(op.constants.1), scale(x))
    var result: [Int] = []
    for p in 0..<pixels(y) {
      let q = integers[x][p * n..<(p + 1) * n]
      let s1 = op.mode == DRIFT_NORMALIZATION_RMS.rawValue ? 0 : q.reduce(0, +)
      let t = s1 / n
      let rest = s1 - t * n
      let m = q.reduce(0) { $0 + ($1 - t) * ($1 - t) }
      let e = Float(rest) / Float(n)
      let mean = (Float(t) + e) * s
      let variance = (max(0, Float(m) - Float(rest) * e) * (s * s)) / Float(n)
      let inverse = 1 / (variance + op.epsilon).squareRoot()
      for (c, value) in q.enumerated() {
        let (a, b) = affine(op, c, of: n, gamma: gamma[c], beta: beta[c], mean, inverse, s)
        result.append(stored(act(Float(value) * a + b, op) * (1 / scale(y)), y))
      }
    }
    integers[y] = result
  }

  private mutating func attend(_ op: drift_operator, _ q: Int, _ k: Int, _ v: Int) {
    let y = Int(op.output)
    let (channels, depth, tokens) = (image.tensors[y].channels, image.tensors[q].channels, pixels(k))
    let (d, dv) = (depth / Int(op.heads), channels / Int(op.heads))
    let table = image.constants[Int(op.constants.0)].bytes
    integers[y] = [Int](repeating: 0, count: pixels(y) * channels)
    for head in 0..<Int(op.heads) {
      for t in 0..<pixels(y) {
        let logits = (0..<tokens).map { j in
          (head * d..<(head + 1) * d).reduce(0) { $0 + integers[q][t * depth + $1] * integers[k][j * depth + $1] }
        }
        let largest = logits.max() ?? 0
        let factor = ((scale(q) * scale(k)) * op.gain) * 256
        let p = logits.map { Int(table[Int(min(Float(largest - $0) * factor, 2047).rounded(.toNearestOrEven))]) }
        let total = p.reduce(0, +)
        for c in head * dv..<(head + 1) * dv {
          let o = (0..<tokens).reduce(0) { $0 + p[$1] * integers[v][$1 * channels + c] }
          integers[y][t * channels + c] = stored(Float(o) * ((scale(v) / scale(y)) / Float(total)), y)
        }
      }
    }
  }
}
