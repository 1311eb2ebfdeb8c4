/// Convolutions and poolings, tap by tap.
extension Evaluation {
  func windowed() throws -> TensorValue {
    switch node.op {
    case "Conv": return try convolved()
    case "GlobalAveragePool", "GlobalMaxPool":
      let (value, shape) = (try input(0), try shape())
      let pixels = value.shape[2...].reduce(1, *)
      let values = value.floats
      let result = (0..<shape[0] * shape[1]).map { channel -> Float in
        let part = values[channel * pixels..<(channel + 1) * pixels]
        return node.op == "GlobalMaxPool" ? part.max() ?? 0 : part.reduce(0, +) / Float(pixels)
      }
      return TensorValue(type: value.type, shape: shape, storage: .floats(result))
    default:
      throw OperatorError("\(node.op) of the timestep alone is not supported: such values are vectors")
    }
  }

  private func convolved() throws -> TensorValue {
    let window = try Window(rules)
    let (value, weights, shape) = (try input(0), try input(1), try shape())
    let bias = has(2) ? try input(2).floats : []
    guard bias.isEmpty || bias.count == shape[1] else { throw OperatorError("has \(bias.count) biases for \(shape[1]) channels") }
    let (x, w) = (value.floats, weights.floats)
    let (inputs, outputs) = (value.shape[1], shape[1])
    let (perGroup, depth) = (outputs / window.groups, inputs / window.groups)
    let (oldPixels, newPixels) = (value.shape[2...].reduce(1, *), shape[2...].reduce(1, *))
    let (oldStrides, newStrides) = (Layout.strides(Array(value.shape[2...])), Layout.strides(Array(shape[2...])))
    let taps = window.kernel.reduce(1, *)
    let tapStrides = Layout.strides(window.kernel)
    // For every output pixel and tap, the input pixel; -1 outside.
    var places = [Int](repeating: -1, count: newPixels * taps)
    for pixel in 0..<newPixels {
      for tap in 0..<taps {
        var place = 0
        for axis in window.kernel.indices {
          let position =
            pixel / newStrides[axis] % shape[axis + 2] * window.strides[axis] - window.before[axis] + tap / tapStrides[axis]
            % window.kernel[axis] * window.dilations[axis]
          place = place < 0 || position < 0 || position >= value.shape[axis + 2] ? -1 : place + position * oldStrides[axis]
        }
        places[pixel * taps + tap] = place
      }
    }
    var result = [Float](repeating: 0, count: shape.reduce(1, *))
    for batch in 0..<shape[0] {
      for output in 0..<outputs {
        let target = (batch * outputs + output) * newPixels
        for pixel in 0..<newPixels { result[target + pixel] = bias.isEmpty ? 0 : bias[output] }
        for channel in 0..<depth {
          let source = (batch * inputs + output / perGroup * depth + channel) * oldPixels
          for tap in 0..<taps {
            let weight = w[(output * depth + channel) * taps + tap]
            for pixel in 0..<newPixels {
              let place = places[pixel * taps + tap]
              if place >= 0 { result[target + pixel] += weight * x[source + place] }
            }
          }
        }
      }
    }
    return TensorValue(type: value.type, shape: shape, storage: .floats(result))
  }
}
