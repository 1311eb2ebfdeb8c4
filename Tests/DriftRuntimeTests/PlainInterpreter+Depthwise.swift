import CDriftFormat
import DriftEmission

extension PlainInterpreter {
  /// A depthwise convolution of the integers of its input.
  func depthwise(_ op: drift_operator, _ q: [Int]) -> [Int] {
    let (x, y) = (Int(op.inputs.0), Int(op.output))
    let (input, output) = (image.tensors[x], image.tensors[y])
    let (channels, kh, kw) = (output.channels, Int(op.kernel_height), Int(op.kernel_width))
    let weights = image.constants[Int(op.constants.0)].bytes
    let (scales, bias) = (constant(op.constants.1), constant(op.constants.2))
    let k = scale(x) / scale(y), u = 1 / scale(y)
    var result: [Int] = []
    for p in 0..<pixels(y) {
      for c in 0..<channels {
        var acc = 0
        for t in 0..<kh * kw {
          let iy = p / output.width * Int(op.stride) - Int(op.pad_top) + t / kw
          let ix = p % output.width * Int(op.stride) - Int(op.pad_left) + t % kw
          guard iy >= 0, ix >= 0, iy < input.height, ix < input.width else { continue }
          let w = Int(Int8(bitPattern: weights[t * ((channels + 15) / 16 * 16) + c]))
          acc += (q[(iy * input.width + ix) * channels + c] - zero(x)) * w
        }
        var b = bias[c]
        if op.step_column >= 0 { b = b + stepValue(Int(op.step_column) + c) * op.step_scale }
        let g = gate(op, c)
        let v = g.map { Float(acc) * ((scales[c] * k) * $0) + (b * u) * $0 } ?? Float(acc) * (scales[c] * k) + b * u
        result.append(stored(v, y))
      }
    }
    return result
  }
}
