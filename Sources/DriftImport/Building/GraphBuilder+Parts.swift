import DriftGraph

extension GraphBuilder {
  /// Outputs of a layer as its weights tell; nil if there are none, or more than any layer has.
  func outputs(_ name: String) -> Int? {
    source.shape(of: "\(name).weight")?.first.flatMap { (1...65_536).contains($0) ? $0 : nil }
  }

  /// A linear layer whose weights may be stored as those of a convolution with a kernel of one pixel.
  mutating func projection(_ x: Value, _ name: String, outputs: Int, bias: Bool = true) throws(ImportError) -> Value {
    let weight = try tensor("\(name).weight", shape: pointShape(name, outputs, x.channels), as: [outputs, x.channels, 1, 1])
    let biasKey = bias ? try tensor("\(name).bias", shape: [outputs]) : nil
    return Value(node: try append(.convolution(Convolution(weight: weight, bias: biasKey)), [x.node], name), channels: outputs)
  }

  /// A linear layer made of some of the rows of another, which holds several.
  /// - Parameters:
  ///   - whole: the layer in the checkpoint, of `total` outputs.
  ///   - rows: those that are taken, in order.
  mutating func projection(
    _ x: Value, _ name: String, of whole: String, total: Int, rows: [Int]
  ) throws(ImportError) -> Value {
    let inputs = x.channels
    let weight = try tensor("\(whole).weight", shape: pointShape(whole, total, inputs), storedAs: "\(name).weight") { found in
      var values: [Float] = []
      values.reserveCapacity(rows.count * inputs)
      for row in rows { values += found.values[row * inputs..<(row + 1) * inputs] }
      return Parameter(shape: [rows.count, inputs, 1, 1], values: values)
    }
    let bias = try tensor("\(whole).bias", shape: [total], storedAs: "\(name).bias") { found in
      Parameter(shape: [rows.count], values: rows.map { found.values[$0] })
    }
    return Value(node: try append(.convolution(Convolution(weight: weight, bias: bias)), [x.node], name), channels: rows.count)
  }

  /// A square convolution of which the first outputs are wanted only.
  mutating func leadingConvolution(_ x: Value, _ name: String, total: Int, outputs: Int) throws(ImportError) -> Value {
    let shape = [total, x.channels, 3, 3]
    let weight = try tensor("\(name).weight", shape: shape, storedAs: "\(name).leading.weight") { found in
      Parameter(shape: [outputs] + shape.dropFirst(), values: Array(found.values.prefix(outputs * (found.values.count / total))))
    }
    let bias = try tensor("\(name).bias", shape: [total], storedAs: "\(name).leading.bias") { found in
      Parameter(shape: [outputs], values: Array(found.values.prefix(outputs)))
    }
    let convolution = Convolution(weight: weight, bias: bias, kernel: 3, padTop: 1, padLeft: 1, padBottom: 1, padRight: 1)
    return Value(node: try append(.convolution(convolution), [x.node], name), channels: outputs)
  }

  /// Multi-head attention scaled by one over the root of a head's width.
  mutating func attention(query: Value, key: Value, value: Value, heads: Int, _ name: String) throws(ImportError) -> Value {
    guard heads > 0, query.channels % heads == 0 else {
      throw ImportError(
        architecture,
        "\(query.channels) channels of '\(name)' do not divide into \(heads) heads; say how many there are with --architecture-option heads=N or head_channels=N"
      )
    }
    let operation = Operation.attention(heads: heads, factor: 1 / Float(query.channels / heads).squareRoot())
    return Value(node: try append(operation, [query.node, key.node, value.node], name), channels: value.channels)
  }

  /// A rearrangement that keeps the channels.
  mutating func moved(_ x: Value, _ operation: Operation, _ name: String) throws(ImportError) -> Value {
    Value(node: try append(operation, [x.node], name), channels: x.channels)
  }

  /// A row of a table of the timesteps, as networks have it that keep their sines and cosines among the weights.
  /// Timesteps that are not whole or have no row have no value, which is refused where it is used.
  mutating func timestepTable(_ name: String) throws(ImportError) -> Value {
    guard let shape = source.shape(of: name), shape.count == 2, (1...100_000).contains(shape[0]), (1...65_536).contains(shape[1])
    else {
      _ = try tensor(name, shape: [1000, 128])
      return Value(node: NodeID(0), channels: 1)
    }
    let width = shape[1]
    let key = try tensor(name, shape: shape)
    let rows = graph.parameters[key]?.values ?? []
    let function = StepFunction { timestep, _ in
      guard let index = Int(exactly: timestep), index >= 0, index < rows.count / width else { return [] }
      return Array(rows[index * width..<(index + 1) * width])
    }
    return Value(node: try stepFunction(name, shape: Shape(channels: width), function), channels: width)
  }

  /// The shape of a linear layer's weights as the checkpoint has it: with or without kernels of one pixel.
  private func pointShape(_ name: String, _ outputs: Int, _ inputs: Int) -> [Int] {
    let rank = source.shape(of: "\(name).weight")?.count ?? 2
    return [outputs, inputs] + [Int](repeating: 1, count: min(max(rank - 2, 0), 2))
  }
}
