import DriftGraph

extension KernelCall {
  /// A convolution of each channel by itself: tap by tap, each adds a shifted copy of the channel.
  func convolveDepthwise(_ input: UnsafePointer<Float>, _ convolution: Convolution) {
    let (source, result) = (shape(0), node.shape)
    let weights = parameter(convolution.weight)
    let bias = convolution.bias.map(parameter)
    for channel in 0..<result.channels {
      let (from, to) = (input + channel * source.pixels, out + channel * result.pixels)
      to.update(repeating: bias?[channel] ?? 0, count: result.pixels)
      for ky in 0..<convolution.kernelHeight {
        let rows = Self.inside(result.height, source.height, shift: ky - convolution.padTop, stride: convolution.stride)
        for kx in 0..<convolution.kernelWidth {
          let weight = weights[(channel * convolution.kernelHeight + ky) * convolution.kernelWidth + kx]
          let shift = kx - convolution.padLeft
          let columns = Self.inside(result.width, source.width, shift: shift, stride: convolution.stride)
          for y in rows {
            let row = from + (y * convolution.stride + ky - convolution.padTop) * source.width + shift
            for x in columns { to[y * result.width + x] += weight * row[x * convolution.stride] }
          }
        }
      }
    }
  }

  /// Outputs along one axis whose tap, `shift` from the window's place, lies inside the image.
  private static func inside(_ outputs: Int, _ inputs: Int, shift: Int, stride: Int) -> Range<Int> {
    let first = min(outputs, shift >= 0 ? 0 : (-shift + stride - 1) / stride)
    let limit = shift < inputs ? min(outputs, (inputs - 1 - shift) / stride + 1) : 0
    return first..<max(first, limit)
  }
}
