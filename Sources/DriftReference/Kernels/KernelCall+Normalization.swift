extension KernelCall {
  /// Group normalization; mean and variance in double precision. Gamma and beta hold a value per channel, or one per channel and pixel.
  func normalize(_ input: UnsafePointer<Float>, _ groups: Int, _ epsilon: Float, _ gamma: [Float], _ beta: [Float]) {
    let pixels = node.shape.pixels
    let channels = node.shape.channels / groups
    let count = channels * pixels
    for group in 0..<groups {
      let values = input + group * count
      let mean = Self.sum(values, count) / Double(count)
      let variance = Self.sumOfSquares(values, count, around: mean) / Double(count)
      let inverse = 1 / (variance + Double(epsilon)).squareRoot()
      for channel in group * channels..<(group + 1) * channels {
        if gamma.count > node.shape.channels {
          for i in channel * pixels..<(channel + 1) * pixels {
            out[i] = (input[i] - Float(mean)) * Float(Double(gamma[i]) * inverse) + beta[i]
          }
          continue
        }
        let factor = Float(Double(gamma[channel]) * inverse)
        let (center, shift) = (Float(mean), beta[channel])
        let (from, to) = (input + channel * pixels, out + channel * pixels)
        for i in 0..<pixels { to[i] = (from[i] - center) * factor + shift }
      }
    }
  }

  /// Normalization of each pixel over its channels; moments in double precision.
  func normalizePixels(_ input: UnsafePointer<Float>, _ epsilon: Float, _ gamma: [Float]?, _ beta: [Float]?, isCentered: Bool) {
    let (channels, pixels) = (node.shape.channels, node.shape.pixels)
    for pixel in 0..<pixels {
      var (mean, power) = (0.0, 0.0)
      if isCentered {
        for channel in 0..<channels { mean += Double(input[channel * pixels + pixel]) }
        mean /= Double(channels)
      }
      for channel in 0..<channels {
        let deviation = Double(input[channel * pixels + pixel]) - mean
        power += deviation * deviation
      }
      let inverse = 1 / (power / Double(channels) + Double(epsilon)).squareRoot()
      for channel in 0..<channels {
        let index = channel * pixels + pixel
        out[index] = (input[index] - Float(mean)) * Float(Double(gamma?[channel] ?? 1) * inverse) + (beta?[channel] ?? 0)
      }
    }
  }

  /// Four running sums, so that additions need not wait for each other.
  private static func sum(_ values: UnsafePointer<Float>, _ count: Int) -> Double {
    var (s0, s1, s2, s3) = (0.0, 0.0, 0.0, 0.0)
    var i = 0
    while i + 4 <= count {
      s0 += Double(values[i])
      s1 += Double(values[i + 1])
      s2 += Double(values[i + 2])
      s3 += Double(values[i + 3])
      i += 4
    }
    while i < count {
      s0 += Double(values[i])
      i += 1
    }
    return (s0 + s1) + (s2 + s3)
  }

  private static func sumOfSquares(_ values: UnsafePointer<Float>, _ count: Int, around mean: Double) -> Double {
    var (s0, s1, s2, s3) = (0.0, 0.0, 0.0, 0.0)
    var i = 0
    while i + 4 <= count {
      let d0 = Double(values[i]) - mean
      let d1 = Double(values[i + 1]) - mean
      let d2 = Double(values[i + 2]) - mean
      let d3 = Double(values[i + 3]) - mean
      s0 += d0 * d0
      s1 += d1 * d1
      s2 += d2 * d2
      s3 += d3 * d3
      i += 4
    }
    while i < count {
      let d = Double(values[i]) - mean
      s0 += d * d
      i += 1
    }
    return (s0 + s1) + (s2 + s3)
  }
}
