/// Convolutions and poolings, tap by tap.
extension Evaluation {
  func windowed() throws -> TensorValue {
    switch node.op {
    case "Conv": return try convolved()
    case "ConvTranspose": return try transposed()
    case "AveragePool", "MaxPool": return try pooled()
    default:
      let (value, shape) = (try input(0), try shape())
      let pixels = value.shape[2...].reduce(1, *)
      guard pixels > 0 else { throw OperatorError("pools nothing") }
      let values = value.floats
      let result = (0..<shape[0] * shape[1]).map { channel -> Float in
        let part = values[channel * pixels..<(channel + 1) * pixels]
        return node.op == "GlobalMaxPool" ? part.max() ?? 0 : Float(part.reduce(0.0) { $0 + Double($1) } / Double(pixels))
      }
      return TensorValue(type: value.type, shape: shape, storage: .floats(result))
    }
  }

  /// For every place of the window and tap, the pixel of the picture under the window; -1 outside.
  private func places(_ window: Window, in picture: [Int], windows: [Int]) throws -> [Int] {
    let taps = window.kernel.reduce(1, *)
    guard let count = Layout.count(windows + [taps]), count <= Self.largestWork >> 4 else {
      throw OperatorError("has a window of \(taps) values at \(windows)")
    }
    let (strides, steps) = (Layout.strides(picture), Layout.strides(windows))
    let tapSteps = Layout.strides(window.kernel)
    var result = [Int](repeating: -1, count: count)
    for index in result.indices {
      let (place, tap) = (index / taps, index % taps)
      var pixel = 0
      for axis in picture.indices {
        let position =
          place / steps[axis] % windows[axis] * window.strides[axis] - window.before[axis] + tap / tapSteps[axis]
          % window.kernel[axis] * window.dilations[axis]
        pixel = pixel < 0 || position < 0 || position >= picture[axis] ? -1 : pixel + position * strides[axis]
      }
      result[index] = pixel
    }
    return result
  }

  private func bias(_ channels: Int) throws -> [Float] {
    guard has(2) else { return [Float](repeating: 0, count: channels) }
    let bias = try input(2).floats
    guard bias.count == channels else { throw OperatorError("has \(bias.count) biases for \(channels) channels") }
    return bias
  }

  private func convolved() throws -> TensorValue {
    let window = try Window(rules)
    let (value, weights, shape) = (try input(0), try input(1), try shape())
    let bias = try bias(shape[1])
    let (x, w) = (value.floats, weights.floats)
    let (inputs, outputs) = (value.shape[1], shape[1])
    let (perGroup, depth) = (outputs / window.groups, inputs / window.groups)
    let (oldPixels, newPixels) = (value.shape[2...].reduce(1, *), shape[2...].reduce(1, *))
    let taps = window.kernel.reduce(1, *)
    try bound(shape, depth, taps)
    let places = try places(window, in: Array(value.shape[2...]), windows: Array(shape[2...]))
    var result = [Float](repeating: 0, count: shape.reduce(1, *))
    for batch in 0..<shape[0] {
      for output in 0..<outputs {
        let target = (batch * outputs + output) * newPixels
        for pixel in 0..<newPixels { result[target + pixel] = bias[output] }
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

  /// Each pixel adds its weighted window to the result.
  private func transposed() throws -> TensorValue {
    let window = try Window(rules)
    let (value, weights, shape) = (try input(0), try input(1), try shape())
    let bias = try bias(shape[1])
    let (x, w) = (value.floats, weights.floats)
    let (inputs, outputs) = (value.shape[1], shape[1])
    let (perGroup, depth) = (outputs / window.groups, inputs / window.groups)
    let (oldPixels, newPixels) = (value.shape[2...].reduce(1, *), shape[2...].reduce(1, *))
    let taps = window.kernel.reduce(1, *)
    try bound(value.shape, perGroup, taps)
    let places = try places(window, in: Array(shape[2...]), windows: Array(value.shape[2...]))
    var result = [Float](repeating: 0, count: shape.reduce(1, *))
    for index in result.indices { result[index] = bias[index / newPixels % outputs] }
    for batch in 0..<shape[0] {
      for channel in 0..<inputs {
        let source = (batch * inputs + channel) * oldPixels
        for output in 0..<perGroup {
          let target = (batch * outputs + channel / depth * perGroup + output) * newPixels
          for tap in 0..<taps {
            let weight = w[(channel * perGroup + output) * taps + tap]
            for pixel in 0..<oldPixels {
              let place = places[pixel * taps + tap]
              if place >= 0 { result[target + place] += weight * x[source + pixel] }
            }
          }
        }
      }
    }
    return TensorValue(type: value.type, shape: shape, storage: .floats(result))
  }

  private func pooled() throws -> TensorValue {
    guard node.outputs.count == 1 else { throw OperatorError("gives the places of its maxima, which is not supported") }
    let window = try Window(rules)
    let (value, shape) = (try input(0), try shape())
    let (old, new) = (Array(value.shape[2...]), Array(shape[2...]))
    let taps = window.kernel.reduce(1, *)
    try bound(shape, 1, taps)
    let places = try places(window, in: old, windows: new)
    // Where padding counts, a window counts what it has inside the padded picture.
    var padded = window
    let around = old.indices.map { old[$0] + window.before[$0] + window.after[$0] }
    padded.before = [Int](repeating: 0, count: old.count)
    let countsPadding = node.op == "AveragePool" && node.integer("count_include_pad", default: 0) == 1
    let counted = countsPadding ? try self.places(padded, in: around, windows: new) : places
    let (oldPixels, newPixels) = (old.reduce(1, *), new.reduce(1, *))
    let x = value.floats
    let result = (0..<(Layout.count(shape) ?? 0)).map { index -> Float in
      let (map, pixel) = (index / newPixels, index % newPixels)
      let inside = places[pixel * taps..<(pixel + 1) * taps].lazy.filter { $0 >= 0 }.map { x[map * oldPixels + $0] }
      if node.op == "MaxPool" { return inside.max() ?? -.infinity }
      let count = counted[pixel * taps..<(pixel + 1) * taps].reduce(0) { $0 + ($1 >= 0 ? 1 : 0) }
      return Float(inside.reduce(0.0) { $0 + Double($1) } / Double(count))
    }
    return TensorValue(type: value.type, shape: shape, storage: .floats(result))
  }
}
