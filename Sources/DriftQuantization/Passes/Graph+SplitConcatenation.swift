import DriftGraph

extension Graph {
  /// Splits every convolution that reads a concatenation into one convolution per part and their sum, so that each part has its own scales
  /// (Q-Diffusion, "split shortcut": the parts' ranges differ by up to two hundred times).
  ///
  /// Parts are named after the original with `.0` and `.1`; the sum keeps the original's name.
  func splittingConcatenatedConvolutions() throws(GraphError) -> Graph {
    var result = Graph(parameters: parameters, stepFunctions: stepFunctions, classCount: classCount)
    var renamed: [NodeID] = []
    for (index, node) in nodes.enumerated() {
      let inputs = node.inputs.map { renamed[$0.index] }
      // The convolution that gives the answer has no sum behind it.
      guard NodeID(index) != output, case .convolution(let convolution) = node.operation,
        case .concatenate = result[inputs[0]].operation
      else {
        renamed.append(try result.append(node.operation, inputs, name: node.name, shape: node.shape))
        continue
      }
      var parts: [NodeID] = []
      var first = 0
      for (index, part) in result[inputs[0]].inputs.enumerated() {
        let channels = result[part].shape.channels
        var slice = convolution
        slice.weight = "\(convolution.weight)[\(first)..<\(first + channels)]"
        slice.bias = index == 0 ? convolution.bias : nil
        result.parameters[slice.weight] = parameters[convolution.weight]?.inputSlice(first..<first + channels)
        parts.append(try result.append(.convolution(slice), [part], name: "\(node.name).\(index)"))
        first += channels
      }
      renamed.append(try result.append(.add, parts, name: node.name))
    }
    result.output = renamed[output.index]
    return result
  }
}

extension Parameter {
  /// The part of a convolution's weights that reads some of the input channels.
  func inputSlice(_ channels: Range<Int>) -> Parameter {
    let taps = shape[2] * shape[3]
    var slice: [Float] = []
    slice.reserveCapacity(shape[0] * channels.count * taps)
    for output in 0..<shape[0] {
      let start = (output * shape[1] + channels.lowerBound) * taps
      slice += values[start..<start + channels.count * taps]
    }
    return Parameter(shape: [shape[0], channels.count, shape[2], shape[3]], values: slice)
  }
}
