import DriftGraph

extension KernelCall {
  func activate(_ input: UnsafePointer<Float>, _ activation: Activation) {
    let count = node.shape.count
    switch activation {
    case .relu:
      for i in 0..<count { out[i] = max(input[i], 0) }
    case .silu:
      Exponential.map(input, into: out, count) { $0 / (1 + Exponential.of(-$0)) }
    case .sigmoid:
      Exponential.map(input, into: out, count) { 1 / (1 + Exponential.of(-$0)) }
    case .mish:
      // tanh(ln(1 + e)) = e * (e + 2) / (e * (e + 2) + 2); from 20 on it is 1 in single precision.
      Exponential.map(input, into: out, count) { y in
        let e = Exponential.of(Exponential.bound(y, -87, 20))
        let n = e * (e + 2)
        return y * (n / (n + 2))
      }
    case .gelu, .geluTanh, .quickGelu, .tanh, .elu, .hardSwish, .hardSigmoid:
      for i in 0..<count { out[i] = Float(activation(Double(input[i]))) }
    }
  }

  /// Applies a binary operation; the second operand may be a vector, for every pixel, or a single value.
  @inline(__always)
  func combine(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ operation: (Float, Float) -> Float) {
    let (shape, other) = (node.shape, self.shape(1))
    if other == shape {
      for i in 0..<shape.count { out[i] = operation(a[i], b[i]) }
      return
    }
    for channel in 0..<shape.channels {
      let value = b[other.count == 1 ? 0 : channel]
      for i in channel * shape.pixels..<(channel + 1) * shape.pixels { out[i] = operation(a[i], value) }
    }
  }

  func modulate(_ input: UnsafePointer<Float>, by vector: UnsafePointer<Float>) {
    let (channels, pixels) = (node.shape.channels, node.shape.pixels)
    for channel in 0..<channels {
      let (factor, shift) = (1 + vector[channel], vector[channels + channel])
      for i in channel * pixels..<(channel + 1) * pixels { out[i] = input[i] * factor + shift }
    }
  }

  func upsample(_ input: UnsafePointer<Float>) {
    let (width, source) = (node.shape.width, shape(0).width)
    for row in 0..<node.shape.channels * node.shape.height {
      // Two result rows for each input row, in every channel: channels have twice the rows, so the division holds across them.
      let from = input + (row / 2) * source
      let to = out + row * width
      for x in 0..<width { to[x] = from[x / 2] }
    }
  }

  func averagePool(_ input: UnsafePointer<Float>) {
    let (result, source) = (node.shape, shape(0))
    for channel in 0..<result.channels {
      for y in 0..<result.height {
        let upper = input + (channel * source.height + 2 * y) * source.width
        let lower = upper + source.width
        let to = out + (channel * result.height + y) * result.width
        for x in 0..<result.width {
          to[x] = (upper[2 * x] + upper[2 * x + 1] + lower[2 * x] + lower[2 * x + 1]) * 0.25
        }
      }
    }
  }
}
