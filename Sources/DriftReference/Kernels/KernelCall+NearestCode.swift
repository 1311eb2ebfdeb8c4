extension KernelCall {
  /// Replaces every pixel's channels by the row of `table` at the least distance; the first of several.
  func chooseCodes(_ input: UnsafePointer<Float>, _ table: [Float]) {
    let (channels, pixels) = (node.shape.channels, node.shape.pixels)
    for pixel in 0..<pixels {
      var (best, least) = (0, Double.infinity)
      for code in 0..<table.count / channels {
        var distance = 0.0
        for channel in 0..<channels {
          let difference = Double(table[code * channels + channel]) - Double(input[channel * pixels + pixel])
          distance += difference * difference
        }
        if distance < least { (best, least) = (code, distance) }
      }
      for channel in 0..<channels { out[channel * pixels + pixel] = table[best * channels + channel] }
    }
  }
}
