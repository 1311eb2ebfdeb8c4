import DriftGraph

extension GraphBuilder {
  /// 2x - 1, for models whose pictures lie in 0 to 1: a 1x1 convolution, so that the padding that follows is still zero.
  mutating func centered(_ x: Value) throws(ImportError) -> Value {
    let count = x.channels
    guard count <= 1024 else {
      throw ImportError(architecture, "'center_input_sample' is true for \(count) channels, expected at most 1024")
    }
    var weights = [Float](repeating: 0, count: count * count)
    for channel in 0..<count { weights[channel * count + channel] = 2 }
    let weight = constant("center_input_sample.weight", [count, count, 1, 1], weights)
    let bias = constant("center_input_sample.bias", [count], [Float](repeating: -1, count: count))
    return Value(
      node: try append(.convolution(Convolution(weight: weight, bias: bias)), [x.node], "center_input_sample"), channels: count
    )
  }
}
