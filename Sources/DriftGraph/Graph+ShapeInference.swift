extension Graph {
  /// Shape of an operation's result from its inputs' shapes and its parameters.
  func inferShape(of operation: Operation, _ inputs: [Shape], name: String) throws(GraphError) -> Shape {
    func fail(_ problem: String) -> GraphError { GraphError(node: name, problem: problem) }
    func parameter(_ key: String, _ expected: [Int]) throws(GraphError) {
      guard let found = parameters[key] else { throw fail("the checkpoint has no tensor '\(key)'") }
      guard found.shape == expected else { throw fail("tensor '\(key)' has shape \(found.shape), expected \(expected)") }
    }
    func take(_ count: Int) throws(GraphError) {
      guard inputs.count == count else { throw fail("takes \(count) inputs, got \(inputs.count)") }
    }

    switch operation {
    case .sample, .timestep, .classLabel, .input, .stepFunction:
      try take(0)
      return Shape(channels: 1)
    case .parameter(let key):
      try take(0)
      guard let found = parameters[key] else { throw fail("the checkpoint has no tensor '\(key)'") }
      guard found.shape.count == 3, found.shape.allSatisfy({ $0 > 0 }) else {
        throw fail("tensor '\(key)' has shape \(found.shape), expected [channels, height, width]")
      }
      return Shape(channels: found.shape[0], height: found.shape[1], width: found.shape[2])
    case .sinusoidalEmbedding(let dimension, let shift, _, _):
      try take(1)
      guard dimension >= 2, Float(dimension / 2) - shift > 0 else {
        throw fail("embedding of \(dimension) values with shift \(shift)")
      }
      return Shape(channels: dimension)
    case .fourierEmbedding(let weight, _, _):
      try take(1)
      guard let table = parameters[weight], table.shape.count == 1 else { throw fail("the checkpoint has no vector '\(weight)'") }
      return Shape(channels: 2 * table.shape[0])
    case .embedding(let table):
      try take(1)
      guard let found = parameters[table], found.shape.count == 2 else { throw fail("the checkpoint has no table '\(table)'") }
      return Shape(channels: found.shape[1])
    case .convolution(let convolution):
      try take(1)
      guard let weight = parameters[convolution.weight] else { throw fail("the checkpoint has no tensor '\(convolution.weight)'") }
      guard weight.shape.count == 4, weight.shape.allSatisfy({ $0 > 0 }) else {
        throw fail("tensor '\(convolution.weight)' has shape \(weight.shape), expected four dimensions")
      }
      try parameter(convolution.weight, [weight.shape[0], inputs[0].channels, convolution.kernelHeight, convolution.kernelWidth])
      if let bias = convolution.bias { try parameter(bias, [weight.shape[0]]) }
      return try inferShape(of: convolution, channels: weight.shape[0], on: inputs[0], name: name)
    case .depthwise(let convolution):
      try take(1)
      try parameter(convolution.weight, [inputs[0].channels, 1, convolution.kernelHeight, convolution.kernelWidth])
      if let bias = convolution.bias { try parameter(bias, [inputs[0].channels]) }
      return try inferShape(of: convolution, channels: inputs[0].channels, on: inputs[0], name: name)
    case .groupNormalization(let groups, _, let gamma, let beta):
      try take(1)
      guard groups > 0, inputs[0].channels % groups == 0 else {
        throw fail("\(inputs[0].channels) channels do not divide into \(groups) groups")
      }
      for key in [gamma, beta] {
        // One value for each channel, or one for each channel and pixel.
        guard let found = parameters[key], found.shape.count == 3 else {
          try parameter(key, [inputs[0].channels])
          continue
        }
        try parameter(key, [inputs[0].channels, inputs[0].height, inputs[0].width])
      }
      return inputs[0]
    case .layerNormalization(_, let gamma, let beta):
      try take(1)
      for key in [gamma, beta] { if let key { try parameter(key, [inputs[0].channels]) } }
      return inputs[0]
    case .rootMeanSquareNormalization(_, let gamma):
      try take(1)
      if let gamma { try parameter(gamma, [inputs[0].channels]) }
      return inputs[0]
    case .activation, .scale, .reciprocal, .quantizedActivation:
      try take(1)
      return inputs[0]
    case .spiking(let operation):
      try take(1)
      guard operation.steps.map({ (1...SpikingOperation.mostSteps).contains($0) }) ?? true else {
        throw fail("has \(operation.steps ?? 0) spiking steps, expected 1 to \(SpikingOperation.mostSteps)")
      }
      if case .stepFactors(let key) = operation {
        guard let found = parameters[key], found.shape.count == 1 else { throw fail("the checkpoint has no vector '\(key)'") }
      }
      return inputs[0]
    case .add:
      try take(2)
      guard inputs[1] == inputs[0] || inputs[1] == Shape(channels: inputs[0].channels) else {
        throw fail("cannot add \(inputs[1]) to \(inputs[0])")
      }
      return inputs[0]
    case .multiply:
      try take(2)
      guard inputs[1] == inputs[0] || inputs[1] == Shape(channels: inputs[0].channels) || inputs[1].count == 1 else {
        throw fail("cannot multiply \(inputs[0]) by \(inputs[1])")
      }
      return inputs[0]
    case .modulate:
      try take(2)
      guard inputs[1] == Shape(channels: 2 * inputs[0].channels) else { throw fail("cannot modulate \(inputs[0]) by \(inputs[1])") }
      return inputs[0]
    case .concatenate:
      try take(2)
      guard inputs[0].height == inputs[1].height, inputs[0].width == inputs[1].width else {
        throw fail("cannot join \(inputs[0]) and \(inputs[1]) by channel")
      }
      return Shape(channels: inputs[0].channels + inputs[1].channels, height: inputs[0].height, width: inputs[0].width)
    case .upsampleNearest:
      try take(1)
      guard inputs[0].height <= 1 << 15, inputs[0].width <= 1 << 15 else { throw fail("cannot double \(inputs[0])") }
      return Shape(channels: inputs[0].channels, height: 2 * inputs[0].height, width: 2 * inputs[0].width)
    case .averagePool:
      try take(1)
      guard inputs[0].height > 1, inputs[0].width > 1 else { throw fail("cannot halve \(inputs[0])") }
      return Shape(channels: inputs[0].channels, height: inputs[0].height / 2, width: inputs[0].width / 2)
    case .attention(let heads, _):
      try take(3)
      guard inputs[0].channels == inputs[1].channels, inputs[1].pixels == inputs[2].pixels, heads > 0,
        inputs[0].channels % heads == 0, inputs[2].channels % heads == 0
      else {
        throw fail("attention of \(heads) heads over \(inputs[0]), \(inputs[1]), \(inputs[2])")
      }
      return Shape(channels: inputs[2].channels, height: inputs[0].height, width: inputs[0].width)
    case .transposedConvolution(let convolution):
      try take(1)
      guard let weight = parameters[convolution.weight] else { throw fail("the checkpoint has no tensor '\(convolution.weight)'") }
      guard weight.shape.count == 4, weight.shape.allSatisfy({ $0 > 0 }) else {
        throw fail("tensor '\(convolution.weight)' has shape \(weight.shape), expected four dimensions")
      }
      try parameter(
        convolution.weight, [inputs[0].channels, weight.shape[1], convolution.kernelHeight, convolution.kernelWidth])
      if let bias = convolution.bias { try parameter(bias, [weight.shape[1]]) }
      guard convolution.stride >= 1, convolution.height >= 1, convolution.width >= 1, convolution.padTop >= 0,
        convolution.padLeft >= 0
      else {
        throw fail("a transposed convolution with stride \(convolution.stride) to \(convolution.height)x\(convolution.width)")
      }
      return Shape(channels: weight.shape[1], height: convolution.height, width: convolution.width)
    case .nearestCode(let table):
      try take(1)
      guard let found = parameters[table], found.shape.count == 2, found.shape[0] > 0 else {
        throw fail("the checkpoint has no table '\(table)'")
      }
      try parameter(table, [found.shape[0], inputs[0].channels])
      return inputs[0]
    case .channelSlice, .concatenatePixels, .crop, .pad, .reshapePixels, .transposePixels, .broadcast, .depthToSpace, .spaceToDepth,
      .resize:
      try take(operation == .concatenatePixels ? 2 : 1)
      guard let shape = rearrangedShape(operation, inputs) else {
        throw fail("cannot rearrange \(inputs.map(\.description).joined(separator: ", ")): \(operation)")
      }
      return shape
    }
  }

  /// Where the windows of a convolution fit.
  private func inferShape(of convolution: Convolution, channels: Int, on input: Shape, name: String) throws(GraphError) -> Shape {
    let height = input.height + convolution.padTop + convolution.padBottom - convolution.kernelHeight
    let width = input.width + convolution.padLeft + convolution.padRight - convolution.kernelWidth
    guard height >= 0, width >= 0, convolution.stride >= 1 else {
      throw GraphError(
        node: name, problem: "a \(convolution.kernelHeight)x\(convolution.kernelWidth) kernel does not fit on \(input)")
    }
    return Shape(channels: channels, height: height / convolution.stride + 1, width: width / convolution.stride + 1)
  }
}
