import DriftGraph

/// Values that depend on the timestep and class alone.
extension Translator {
  /// Sum or product with such a value: a vector for every pixel, a single value, or one for every channel and pixel.
  mutating func stepped(
    _ operation: Operation, _ view: View, _ name: String, _ shape: [Int], _ change: @escaping @Sendable (Float) -> Float
  ) throws -> View {
    let coverage = try coverage(shape, of: view)
    let target = graph[view.node].shape
    var result = view
    if coverage.axes.isEmpty, operation == .multiply {
      let single = try appendStep(name, Shape(channels: 1), [0], change)
      result.node = try append(.multiply, [view.node, single])
      return result
    }
    let perPixel = coverage.pixels
    let indices = sources(coverage, view, perPixel: perPixel)
    let vector = try appendStep(name, perPixel ? target : Shape(channels: target.channels), indices, change)
    if operation == .add, !perPixel, let modulated = try modulated(view, shift: vector) { return modulated }
    result.node = try append(operation, [view.node, vector])
    return result
  }

  /// normalization * a + b, with vectors of the step, is a modulation by a - 1 and b.
  private mutating func modulated(_ view: View, shift: NodeID) throws -> View? {
    let product = graph[view.node]
    guard product.operation == .multiply, graph[product.inputs[0]].operation.isNormalization,
      case .stepFunction(let factorName) = graph[product.inputs[1]].operation, let factor = graph.stepFunctions[factorName],
      case .stepFunction(let shiftName) = graph[shift].operation, let offset = graph.stepFunctions[shiftName]
    else { return nil }
    let count = product.shape.channels
    guard graph[product.inputs[1]].shape == Shape(channels: count) else { return nil }
    let vector = try appendStepFunction(Shape(channels: 2 * count)) { timestep, label in
      factor.evaluate(timestep, label).map { $0 - 1 } + offset.evaluate(timestep, label)
    }
    var result = view
    result.node = try append(.modulate, [product.inputs[0], vector])
    return result
  }

  /// A step's value as a node, its elements taken by index.
  mutating func appendStep(_ name: String, _ shape: Shape, _ indices: [Int], _ change: @escaping @Sendable (Float) -> Float) throws
    -> NodeID
  {
    let evaluator = source.steps
    evaluator.expect(name)
    return try appendStepFunction(shape) { timestep, label in
      guard let values = evaluator.values(name, timestep: timestep, classLabel: label) else { return [] }
      return indices.allSatisfy(values.indices.contains) ? indices.map { change(values[$0]) } : []
    }
  }

  mutating func appendStepFunction(_ shape: Shape, _ function: @escaping @Sendable (Float, Int?) -> [Float]) throws -> NodeID {
    let key = unique("\(current).step")
    graph.stepFunctions[key] = StepFunction(function)
    return try graph.append(.stepFunction(key), name: key, shape: shape)
  }
}
