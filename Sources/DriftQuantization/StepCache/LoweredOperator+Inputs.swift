extension LoweredOperator {
  /// Tensors that it reads.
  var inputs: [Int] {
    switch kind {
    case .quantize(let input), .averagePool(let input), .upsample(let input), .nearestCode(let input, _): [input]
    case .activate(let layer): [layer.input]
    case .gather(let inputs, _): inputs
    case .load: []
    case .fire(let input, let membrane, _): [input, membrane]
    case .decay(let input, let sum, _): [input, sum]
    case .multiply(let a, let b, _): [a, b]
    case .convolution(let layer): [layer.input] + (layer.residual.map { [$0] } ?? [])
    case .normalize(let layer): layer.inputs
    case .attention(let query, let key, let value, _, _): [query, key, value]
    case .add(let a, let b, _, _), .concatenate(let a, let b): [a, b]
    }
  }

  /// The same operator on other tensors.
  func copied(_ tensor: (Int) -> Int) -> LoweredOperator {
    var result = self
    result.output = tensor(output)
    switch kind {
    case .quantize(let input): result.kind = .quantize(input: tensor(input))
    case .activate(var layer):
      layer.input = tensor(layer.input)
      result.kind = .activate(layer)
    case .gather(let inputs, let offsets): result.kind = .gather(inputs: inputs.map(tensor), offsets: offsets)
    case .load: break
    case .fire(let input, let membrane, let threshold):
      result.kind = .fire(input: tensor(input), membrane: tensor(membrane), threshold: threshold)
    case .decay(let input, let sum, let factor): result.kind = .decay(input: tensor(input), sum: tensor(sum), factor: factor)
    case .multiply(let a, let b, let activation): result.kind = .multiply(a: tensor(a), b: tensor(b), activation: activation)
    case .nearestCode(let input, let table): result.kind = .nearestCode(input: tensor(input), table: table)
    case .averagePool(let input): result.kind = .averagePool(input: tensor(input))
    case .upsample(let input): result.kind = .upsample(input: tensor(input))
    case .convolution(var layer):
      layer.input = tensor(layer.input)
      layer.residual = layer.residual.map(tensor)
      result.kind = .convolution(layer)
    case .normalize(var layer):
      layer.inputs = layer.inputs.map(tensor)
      result.kind = .normalize(layer)
    case .attention(let query, let key, let value, let heads, let factor):
      result.kind = .attention(query: tensor(query), key: tensor(key), value: tensor(value), heads: heads, factor: factor)
    case .add(let a, let b, let gainA, let gainB): result.kind = .add(a: tensor(a), b: tensor(b), gainA: gainA, gainB: gainB)
    case .concatenate(let a, let b): result.kind = .concatenate(a: tensor(a), b: tensor(b))
    }
    return result
  }
}
