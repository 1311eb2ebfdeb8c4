import DriftGraph

/// Values in another order.
extension Translator {
  /// The view with the tensor's dimensions as the value has them: [1, C, H, W], [1, C, W] or [1, C].
  mutating func natural(_ view: View) throws -> View {
    let dims = view.dims
    switch dims.count {
    case 4 where dims[0].size == 1: return try arranged(view, channels: dims[1], rows: dims[2], columns: dims[3])
    case 3 where dims[0].size == 1: return try arranged(view, channels: dims[1], rows: [], columns: dims[2])
    case 2 where dims[0].size == 1: return try arranged(view, channels: dims[1], rows: [], columns: [])
    default: throw Refusal("takes a tensor of shape \(view.shape), expected a batch of one with 1 to 3 more dimensions")
    }
  }

  /// The same, but with channels in the order that comes without work, for a layer that can take them in any; for each of these channels its
  /// number in the tensor, or nil if they are in order.
  mutating func naturalOrPermuted(_ view: View) throws -> (View, [Int]?) {
    guard (3...4).contains(view.dims.count), view.dims[0].size == 1 else { return (try natural(view), nil) }
    let channels = view.dims[1]
    let (rows, columns) = view.dims.count == 4 ? (view.dims[2], view.dims[3]) : ([], view.dims[2])
    let entering = channels.filter { !view.channels.contains($0) }
    let (down, across) = (view.rows.trailing { entering.contains($0) }, view.columns.trailing { entering.contains($0) })
    let order = down + across + view.channels
    guard order != channels, order.count == channels.count, Set(order) == Set(channels), down.size == across.size else {
      return (try natural(view), nil)
    }
    return (try arranged(view, channels: order, rows: rows, columns: columns), order.indices(in: channels))
  }

  /// Patches of a picture as channels, where parts of rows and columns are wanted together with all channels; in any order.
  mutating func takingPatches(_ view: View, _ axes: [Axis]) throws -> View {
    let entering = axes.filter { !view.channels.contains($0) }
    guard !entering.isEmpty, entering.count < view.pixels.count, view.channels.allSatisfy(axes.contains) else { return view }
    let (down, across) = (view.rows.trailing { entering.contains($0) }, view.columns.trailing { entering.contains($0) })
    guard down.count + across.count == entering.count, down.size == across.size else { return view }
    return try arranged(
      view, channels: down + across + view.channels, rows: Array(view.rows.dropLast(down.count)),
      columns: Array(view.columns.dropLast(across.count)))
  }

  /// The same tensor as a view of a value that counts its channels, rows and columns as given.
  mutating func arranged(_ view: View, channels: [Axis], rows: [Axis], columns: [Axis]) throws -> View {
    if view.channels == channels && view.rows == rows && view.columns == columns { return view }
    var result = view
    let leaving = view.channels.filter { !channels.contains($0) }
    let entering = channels.filter { !view.channels.contains($0) }
    switch (leaving.isEmpty, entering.isEmpty) {
    case (true, true): break
    case (false, true):
      // Pixel shuffle: what leaves the channels ends up as the fastest part of rows and columns.
      let (down, across) = (rows.trailing { leaving.contains($0) }, columns.trailing { leaving.contains($0) })
      guard down.count + across.count == leaving.count, down.size == across.size else { throw notArranged(view) }
      result = try permutingChannels(result, to: down + across + channels)
      result = try reshapingPixels(result, rows: Array(rows.dropLast(down.count)), columns: Array(columns.dropLast(across.count)))
      result.node = try append(.depthToSpace(block: down.size), [result.node])
      (result.channels, result.rows, result.columns) = (channels, rows, columns)
    case (true, false):
      // Patches: the fastest part of rows and columns becomes channels.
      let (down, across) = (view.rows.trailing { entering.contains($0) }, view.columns.trailing { entering.contains($0) })
      guard down.count + across.count == entering.count, down.size == across.size else { throw notArranged(view) }
      result.node = try append(.spaceToDepth(block: down.size), [result.node])
      result.channels = down + across + result.channels
      result.rows.removeLast(down.count)
      result.columns.removeLast(across.count)
    case (false, false): throw notArranged(view)
    }
    if result.channels != channels { result = try permutingChannels(result, to: channels) }
    return try reshapingPixels(result, rows: rows, columns: columns)
  }

  private func notArranged(_ view: View) -> Refusal {
    Refusal("needs the values of '\(graph[view.node].name)' with channels and pixels exchanged, which the graph cannot express")
  }

  /// Rows of another length, or rows and columns exchanged.
  mutating func reshapingPixels(_ view: View, rows: [Axis], columns: [Axis]) throws -> View {
    if view.rows == rows && view.columns == columns { return view }
    var result = view
    let target = rows + columns
    if view.pixels != target {
      guard let first = target.first, let cut = view.pixels.firstIndex(of: first),
        target == Array(view.pixels[cut...] + view.pixels[..<cut])
      else { throw notArranged(view) }
      let (slow, fast) = (Array(view.pixels[..<cut]), Array(view.pixels[cut...]))
      if view.rows != slow || view.columns != fast {
        result.node = try append(.reshapePixels(height: slow.size, width: fast.size), [result.node])
      }
      result.node = try append(.transposePixels, [result.node])
      (result.rows, result.columns) = (fast, slow)
    }
    if result.rows != rows || result.columns != columns {
      let shape = graph[result.node].shape
      if shape.height != rows.size || shape.width != columns.size {
        result.node = try append(.reshapePixels(height: rows.size, width: columns.size), [result.node])
      }
      (result.rows, result.columns) = (rows, columns)
    }
    return result
  }

  /// Channels in another order, which the layer that makes them takes over.
  mutating func permutingChannels(_ view: View, to channels: [Axis]) throws -> View {
    if view.channels == channels { return view }
    var result = view
    result.node = try selectingChannels(of: view.node, channels.indices(in: view.channels))
    result.channels = channels
    return result
  }

  /// Some of the channels, by their numbers in the value, as one axis; the dimension that counted the channels counts it.
  mutating func selectingChannels(_ view: View, indices: [Int]) throws -> View {
    var result = view
    result.node = try selectingChannels(of: view.node, indices)
    let axes = View.axes(indices.count)
    result.dims = view.dims.map { $0 == view.channels && !$0.isEmpty ? axes : $0 }
    result.channels = axes
    return result
  }

  /// A node whose channels are those of another in the given order. Layers are rewritten, so that nothing is left to do at run time.
  mutating func selectingChannels(of id: NodeID, _ indices: [Int]) throws -> NodeID {
    let node = graph[id]
    if indices == Array(0..<node.shape.channels) { return id }
    switch node.operation {
    case .convolution(var convolution):
      convolution.weight = selectedParameter(convolution.weight, indices, along: 0)
      convolution.bias = convolution.bias.map { selectedParameter($0, indices, along: 0) }
      return try append(.convolution(convolution), node.inputs)
    case .transposedConvolution(var convolution):
      convolution.weight = selectedParameter(convolution.weight, indices, along: 1)
      convolution.bias = convolution.bias.map { selectedParameter($0, indices, along: 0) }
      return try append(.transposedConvolution(convolution), node.inputs)
    case .depthwise(var convolution):
      convolution.weight = selectedParameter(convolution.weight, indices, along: 0)
      convolution.bias = convolution.bias.map { selectedParameter($0, indices, along: 0) }
      return try append(.depthwise(convolution), [try selectingChannels(of: node.inputs[0], indices)])
    case .parameter(let key):
      return try append(.parameter(selectedParameter(key, indices, along: 0)), [])
    case .stepFunction(let name):
      guard let function = graph.stepFunctions[name] else { break }
      let pixels = node.shape.pixels
      let shape = Shape(channels: indices.count, height: node.shape.height, width: node.shape.width)
      return try appendStepFunction(shape) { timestep, label in
        let values = function.evaluate(timestep, label)
        guard values.count >= pixels else { return [] }
        return indices.flatMap { values[$0 * pixels..<($0 + 1) * pixels] }
      }
    case .activation, .scale, .reciprocal, .reshapePixels, .transposePixels, .crop, .pad, .upsampleNearest, .resize, .averagePool,
      .broadcast:
      return try append(node.operation, [try selectingChannels(of: node.inputs[0], indices)])
    case .add, .multiply:
      let second = graph[node.inputs[1]].shape
      let other = second.count == 1 ? node.inputs[1] : try selectingChannels(of: node.inputs[1], indices)
      return try append(node.operation, [try selectingChannels(of: node.inputs[0], indices), other])
    default: break
    }
    guard let first = indices.first, indices == Array(first..<first + indices.count) else {
      throw Refusal("takes channels of '\(node.name)' out of order, which only layers can be rewritten for")
    }
    return try append(.channelSlice(first: first, count: indices.count), [id])
  }

  /// A parameter with some of the indices of one dimension.
  private mutating func selectedParameter(_ key: String, _ indices: [Int], along dimension: Int) -> String {
    guard let found = graph.parameters[key] else { return key }
    let inner = found.shape[(dimension + 1)...].reduce(1, *)
    let outer = found.shape[..<dimension].reduce(1, *)
    var values: [Float] = []
    values.reserveCapacity(outer * indices.count * inner)
    for block in 0..<outer {
      for index in indices {
        let start = (block * found.shape[dimension] + index) * inner
        values += found.values[start..<start + inner]
      }
    }
    var shape = found.shape
    shape[dimension] = indices.count
    return parameter("selected", shape, values)
  }
}

extension [Axis] {
  /// The longest end of the list whose axes all satisfy a condition.
  fileprivate func trailing(where condition: (Axis) -> Bool) -> [Axis] {
    Array(reversed().prefix(while: condition).reversed())
  }
}
