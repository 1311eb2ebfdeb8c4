import DriftGraph

extension Graph {
  /// Replaces every transposed convolution by a convolution that makes the output pixels of all phases at once, and a pixel shuffle.
  ///
  /// Output pixel o = stride * q + r takes input pixel q + (r + pad - k) / stride times tap k, for the taps where that is whole. All phases
  /// r share one window over the input, in which the taps that a phase does not have are zero.
  func replacingTransposedConvolutions() throws(GraphError) -> Graph {
    try rewritten { id, inputs, graph throws(GraphError) in
      let node = self[id]
      guard case .transposedConvolution(let layer) = node.operation, let weights = parameters[layer.weight] else {
        return try graph.append(copyOf: node, inputs)
      }
      let source = graph[inputs[0]].shape
      let rows = Phases(
        kernel: layer.kernelHeight, stride: layer.kernelHeight == 1 && layer.height == 1 ? 1 : layer.stride, pad: layer.padTop)
      let columns = Phases(kernel: layer.kernelWidth, stride: layer.stride, pad: layer.padLeft)
      let stride = layer.stride
      let (height, width) = ((layer.height + rows.stride - 1) / rows.stride, (layer.width + stride - 1) / stride)
      var convolution = Convolution(weight: "\(node.name).phases", bias: nil)
      (convolution.kernelHeight, convolution.kernelWidth) = (rows.window.count, columns.window.count)
      (convolution.padTop, convolution.padLeft) = (-rows.window.lowerBound, -columns.window.lowerBound)
      convolution.padBottom = height + rows.window.count - 1 - source.height - convolution.padTop
      convolution.padRight = width + columns.window.count - 1 - source.width - convolution.padLeft
      graph.parameters[convolution.weight] = weights.phases(rows, columns)
      if let bias = layer.bias, let values = parameters[bias]?.values {
        convolution.bias = "\(node.name).phases.bias"
        graph.parameters["\(node.name).phases.bias"] = Parameter(
          shape: [values.count * rows.stride * stride], values: (0..<rows.stride * stride).flatMap { _ in values })
      }
      let isPlain = stride == 1
      let product = try graph.append(.convolution(convolution), inputs, name: isPlain ? node.name : "\(node.name).phases")
      if isPlain { return product }
      let isWhole = height * rows.stride == layer.height && width * stride == layer.width
      let name = isWhole ? node.name : "\(node.name).shuffle"
      let shuffled =
        rows.stride == stride
        ? try graph.append(.depthToSpace(block: stride), [product], name: name)
        : try graph.appendInterleaved(product, phases: stride, name: name)
      if isWhole { return shuffled }
      return try graph.append(.crop(top: 0, left: 0, height: layer.height, width: layer.width), [shuffled], name: node.name)
    }
  }
}

extension Graph {
  /// Of a signal whose pixels hold the channels of several new ones each, the new ones in a row.
  fileprivate mutating func appendInterleaved(_ signal: NodeID, phases: Int, name: String) throws(GraphError) -> NodeID {
    let (width, channels) = (self[signal].shape.width, self[signal].shape.channels / phases)
    func part(_ phase: Int, _ graph: inout Graph) throws(GraphError) -> NodeID {
      try graph.append(.channelSlice(first: phase * channels, count: channels), [signal], name: "\(name).\(phase)")
    }
    // All new pixels of the first phase, then those of the second: rows of a picture, whose columns follow each other in the result.
    var joined = try part(0, &self)
    for phase in 1..<phases {
      joined = try append(.concatenatePixels, [joined, try part(phase, &self)], name: "\(name).\(phase).joined")
    }
    let picture = try append(.reshapePixels(height: phases, width: width), [joined], name: "\(name).rows")
    let transposed = try append(.transposePixels, [picture], name: "\(name).transposed")
    return try append(.reshapePixels(height: 1, width: phases * width), [transposed], name: name)
  }
}

/// The taps of a transposed convolution along one axis.
private struct Phases {
  let kernel: Int
  let stride: Int
  let pad: Int

  /// The input pixel that a tap of a phase meets, counted from q; nil if the phase does not have the tap.
  func offset(phase: Int, tap: Int) -> Int? {
    let distance = phase + pad - tap
    return distance % stride == 0 ? distance / stride : nil
  }

  /// Input pixels that any phase meets.
  var window: ClosedRange<Int> {
    let offsets = (0..<stride).flatMap { phase in (0..<kernel).compactMap { offset(phase: phase, tap: $0) } }
    return (offsets.min() ?? 0)...(offsets.max() ?? 0)
  }
}

extension Parameter {
  /// [inputs, outputs, height, width] of a transposed convolution as [phases * outputs, inputs, window height, window width].
  fileprivate func phases(_ rows: Phases, _ columns: Phases) -> Parameter {
    let (inputs, outputs) = (shape[0], shape[1])
    let (windowRows, windowColumns) = (rows.window, columns.window)
    let size = windowRows.count * windowColumns.count
    var result = [Float](repeating: 0, count: rows.stride * columns.stride * outputs * inputs * size)
    for down in 0..<rows.stride {
      for across in 0..<columns.stride {
        let first = (down * columns.stride + across) * outputs
        for ky in 0..<rows.kernel {
          guard let y = rows.offset(phase: down, tap: ky) else { continue }
          for kx in 0..<columns.kernel {
            guard let x = columns.offset(phase: across, tap: kx) else { continue }
            let place = (y - windowRows.lowerBound) * windowColumns.count + x - windowColumns.lowerBound
            for output in 0..<outputs {
              for input in 0..<inputs {
                result[((first + output) * inputs + input) * size + place] =
                  values[((input * outputs + output) * rows.kernel + ky) * columns.kernel + kx]
              }
            }
          }
        }
      }
    }
    return Parameter(
      shape: [rows.stride * columns.stride * outputs, inputs, windowRows.count, windowColumns.count], values: result)
  }
}
