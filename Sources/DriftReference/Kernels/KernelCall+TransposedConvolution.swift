import COpenBLAS
import DriftGraph

extension KernelCall {
  /// Every input pixel adds its kernel, weighted, to the result: the products of all kernels first, then their sums.
  func convolveTransposed(_ input: UnsafePointer<Float>, _ convolution: TransposedConvolution) {
    let (source, result) = (shape(0), node.shape)
    let bias = convolution.bias.map(parameter)
    for channel in 0..<result.channels {
      (out + channel * result.pixels).update(repeating: bias?[channel] ?? 0, count: result.pixels)
    }
    let taps = convolution.kernelHeight * convolution.kernelWidth
    let products = workspace.scratch(taps * source.pixels)
    parameter(convolution.weight).withUnsafeBufferPointer { weights in
      guard let weights = weights.baseAddress else { return }
      for channel in 0..<result.channels {
        // [inputs, taps] of this output, transposed, times [inputs, pixels].
        cblas_sgemm(
          CblasRowMajor, CblasTrans, CblasNoTrans, Int32(taps), Int32(source.pixels), Int32(source.channels), 1,
          weights + channel * taps, Int32(result.channels * taps), input, Int32(source.pixels), 0, products, Int32(source.pixels))
        scatter(products, convolution, into: out + channel * result.pixels)
      }
    }
  }

  private func scatter(
    _ products: UnsafePointer<Float>, _ convolution: TransposedConvolution, into picture: UnsafeMutablePointer<Float>
  ) {
    let (source, result) = (shape(0), node.shape)
    for ky in 0..<convolution.kernelHeight {
      for kx in 0..<convolution.kernelWidth {
        let product = products + (ky * convolution.kernelWidth + kx) * source.pixels
        for y in 0..<source.height {
          let row = y * convolution.stride + ky - convolution.padTop
          guard (0..<result.height).contains(row) else { continue }
          for x in 0..<source.width {
            let column = x * convolution.stride + kx - convolution.padLeft
            guard (0..<result.width).contains(column) else { continue }
            picture[row * result.width + column] += product[y * source.width + x]
          }
        }
      }
    }
  }
}
