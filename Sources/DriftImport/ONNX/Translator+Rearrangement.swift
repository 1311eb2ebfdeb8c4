import DriftGraph

/// Joining, cutting, padding and resizing.
extension Translator {
  // MARK: - Cutting

  mutating func split(_ node: TranslationNode) throws -> [Value] {
    let view = try view(node, 0)
    let axis = try axis(node.integer("axis") ?? 0, view)
    var first = 0
    var results: [Value] = []
    for output in node.outputs {
      guard let shape = source.shape(of: output), shape.count == view.dims.count else { throw Refusal("has an unknown shape") }
      results.append(.view(try part(view, axis, first..<first + shape[axis])))
      first += shape[axis]
    }
    return results
  }

  mutating func sliced(_ node: TranslationNode) throws -> Value {
    var view = try view(node, 0)
    func integers(_ index: Int) throws -> [Int]? {
      guard has(node, index) else { return nil }
      return try constant(node, index).values.map { value in
        value >= 0x1p62 ? Int.max / 2 : value <= -0x1p62 ? Int.min / 2 : Int(value)
      }
    }
    guard let starts = try integers(1), let ends = try integers(2), starts.count == ends.count else {
      throw Refusal("has no bounds")
    }
    let axes = try integers(3) ?? Array(starts.indices)
    let steps = try integers(4) ?? [Int](repeating: 1, count: starts.count)
    guard axes.count == starts.count, steps.count == starts.count else {
      throw Refusal("has \(axes.count) axes for \(starts.count) bounds")
    }
    for (index, number) in axes.enumerated() {
      let axis = try axis(number, view)
      let length = view.shape[axis]
      guard steps[index] == 1 else { throw Refusal("has the step \(steps[index]), expected 1") }
      func bound(_ value: Int) -> Int { min(max(value < 0 ? value + length : value, 0), length) }
      let range = bound(starts[index])..<max(bound(starts[index]), bound(ends[index]))
      guard !range.isEmpty else { throw Refusal("leaves nothing of \(length)") }
      view = try part(view, axis, range)
    }
    return .view(view)
  }

  mutating func gathered(_ node: TranslationNode) throws -> Value {
    let view = try view(node, 0)
    let indices = try constant(node, 1)
    let axis = try axis(node.integer("axis") ?? 0, view)
    let length = view.shape[axis]
    let places = indices.integers.map { $0 < 0 ? $0 + length : $0 }
    guard let first = places.first, indices.shape.count <= 1, first >= 0, first + places.count <= length,
      places == Array(first..<first + places.count)
    else { throw Refusal("takes indices that do not follow each other") }
    var result = try part(view, axis, first..<first + places.count)
    if indices.shape.isEmpty { result.dims.remove(at: axis) }
    return .view(result)
  }

  private func axis(_ number: Int, _ view: View) throws -> Int {
    let axis = number < 0 ? number + view.dims.count : number
    guard view.dims.indices.contains(axis) else { throw Refusal("has axis \(number) of \(view.dims.count) dimensions") }
    return axis
  }

  /// A range of one dimension.
  private mutating func part(_ view: View, _ dimension: Int, _ range: Range<Int>) throws -> View {
    let size = view.shape[dimension]
    if range == 0..<size { return view }
    var (view, dim) = (view, view.dims[dimension])
    // Where the range takes whole indices of the slowest axis, or only that axis matters, the others stay as they are.
    if dim.count > 1, let slow = dim.first {
      let inner = size / slow.size
      guard range.lowerBound % inner == 0, range.count % inner == 0 else {
        // Otherwise the axes must be all the channels, or all the pixels.
        return try wholePart(view, dimension, range)
      }
      return try part(view, dimension, slow, range.lowerBound / inner..<range.upperBound / inner)
    }
    guard let axis = dim.first else { throw Refusal("cuts a dimension of length 1") }
    dim = []
    view = try part(view, dimension, axis, range)
    return view
  }

  /// A range of one axis.
  private mutating func part(_ view: View, _ dimension: Int, _ axis: Axis, _ range: Range<Int>) throws -> View {
    var result = view
    let parts = View.axes(range.count)
    if view.channels.contains(axis) {
      // Channels whose index along the axis lies in the range.
      guard let position = view.channels.firstIndex(of: axis) else { return view }
      let inner = view.channels[(position + 1)...].reduce(1) { $0 * $1.size }
      let channels = (0..<view.channels.size).filter { range.contains($0 / inner % axis.size) }
      result.node = try selectingChannels(of: view.node, channels)
      result.channels = view.channels.replacing(axis, with: parts)
    } else if view.rows == [axis] || view.columns == [axis] {
      let shape = graph[view.node].shape
      let isRow = view.rows == [axis]
      result.node = try append(
        .crop(
          top: isRow ? range.lowerBound : 0, left: isRow ? 0 : range.lowerBound, height: isRow ? range.count : shape.height,
          width: isRow ? shape.width : range.count), [view.node])
      if isRow { result.rows = parts } else { result.columns = parts }
    } else {
      return try wholePart(view, dimension, range)
    }
    result.dims = view.dims.map { $0.replacing(axis, with: parts) }
    return result
  }

  /// A range of a dimension that counts all channels, or all pixels in order.
  private mutating func wholePart(_ view: View, _ dimension: Int, _ range: Range<Int>) throws -> View {
    let dim = view.dims[dimension]
    if dim == view.channels {
      var result = try selectingChannels(view, indices: Array(range))
      result.dims[dimension] = result.channels
      return result
    }
    guard dim == view.pixels else {
      throw Refusal("cuts \(range) out of dimension \(dimension) of \(view.shape), across its parts")
    }
    var result = try reshapingPixels(view, rows: [], columns: view.pixels)
    result.node = try append(.crop(top: 0, left: range.lowerBound, height: 1, width: range.count), [result.node])
    result.columns = View.axes(range.count)
    result.dims[dimension] = result.columns
    return result
  }

  // MARK: - Joining

  mutating func concatenated(_ node: TranslationNode) throws -> Value {
    let operands = try node.inputs.indices.map { try operand(node, $0) }
    guard let model = operands.lazy.compactMap({ if case .view(let view) = $0 { view } else { nil } }).first else {
      throw Refusal("joins products of queries and keys")
    }
    let axis = try axis(node.integer("axis") ?? 0, model)
    var result: View?
    for (index, operand) in operands.enumerated() {
      let next = try picture(operand, node.inputs[index], like: model, along: axis)
      result = try result.map { try joined($0, next, axis) } ?? next
    }
    guard let result else { throw Refusal("joins nothing") }
    return .view(result)
  }

  /// An operand of Concat as a view: a constant or a step's value is laid out as the model, but for the length of one dimension.
  private mutating func picture(_ operand: Operand, _ name: String, like model: View, along axis: Int) throws -> View {
    let shape: [Int]
    switch operand {
    case .view(let view): return view
    case .constant(let constant): shape = constant.shape
    case .step(_, let given): shape = given
    case .logits: throw Refusal("joins products of queries and keys")
    }
    guard shape.count == model.dims.count, shape.indices.allSatisfy({ $0 == axis || shape[$0] == model.shape[$0] }) else {
      throw Refusal("joins \(model.shape) and \(shape)")
    }
    let fresh = View.axes(shape[axis])
    var view = model
    let old = model.dims[axis]
    view.dims[axis] = fresh
    if old == model.channels {
      view.channels = fresh
    } else if old == model.pixels && !old.isEmpty {
      (view.rows, view.columns) = ([], fresh)
    } else {
      throw Refusal("joins a constant along dimension \(axis), which counts neither all channels nor all pixels")
    }
    let indices = view.home.indices(in: view.dims.flatMap { $0 })
    let size = Shape(channels: view.channels.size, height: view.rows.size, width: view.columns.size)
    if case .constant(let constant) = operand {
      let key = parameter("constant", [size.channels, size.height, size.width], indices.map { constant.values[$0] })
      view.node = try append(.parameter(key), [])
    } else {
      view.node = try appendStep(name, size, indices) { $0 }
    }
    return view
  }

  private mutating func joined(_ a: View, _ b: View, _ axis: Int) throws -> View {
    guard a.dims.count == b.dims.count else { throw Refusal("joins \(a.shape) and \(b.shape)") }
    // All dimensions but the joined one must lie alike.
    let (parts, others) = (a.dims[axis], b.dims[axis])
    var (first, second) = (a, b)
    (first.dims[axis], second.dims[axis]) = ([], [])
    guard View.refine(&first, &second), first.shape == second.shape else { throw Refusal("joins \(a.shape) and \(b.shape)") }
    let map = Dictionary(uniqueKeysWithValues: zip(second.dims.flatMap { $0 }, first.dims.flatMap { $0 }))
    func renamed(_ axes: [Axis]) -> [Axis] { axes.map { map[$0] ?? $0 } }
    let fresh = View.axes(parts.size + others.size)
    if parts == a.channels && others == b.channels {
      second.channels = others
      (second.rows, second.columns) = (renamed(second.rows), renamed(second.columns))
      second.dims = first.dims
      second.dims[axis] = others
      second = try reshapingPixels(second, rows: first.rows, columns: first.columns)
      var result = first
      result.node = try append(.concatenate, [first.node, second.node])
      result.channels = fresh
      result.dims[axis] = fresh
      return result
    }
    guard parts == a.pixels, others == b.pixels else {
      throw Refusal("joins \(a.shape) and \(b.shape) along dimension \(axis), which counts neither channels nor tokens")
    }
    first.dims[axis] = parts
    second.dims[axis] = others
    first = try reshapingPixels(first, rows: [], columns: parts)
    second = try reshapingPixels(second, rows: [], columns: others)
    second.channels = renamed(second.channels)
    second.dims = second.dims.map(renamed)
    second = try permutingChannels(second, to: first.channels)
    var result = first
    result.node = try append(.concatenatePixels, [first.node, second.node])
    result.columns = fresh
    result.dims[axis] = fresh
    return result
  }

  // MARK: - Padding and resizing

  mutating func padded(_ node: TranslationNode) throws -> Value {
    let input = try natural(try view(node, 0))
    let rank = input.dims.count
    var pads = try constant(node, 1).integers
    if has(node, 3) {
      let axes = try constant(node, 3).integers.map { try axis($0, input) }
      guard pads.count == 2 * axes.count else { throw Refusal("has \(pads.count) pads for \(axes.count) axes") }
      var full = [Int](repeating: 0, count: 2 * rank)
      for (index, axis) in axes.enumerated() { (full[axis], full[rank + axis]) = (pads[index], pads[axes.count + index]) }
      pads = full
    }
    guard pads.allSatisfy({ $0 >= 0 }) else { throw Refusal("takes pixels away with pads \(pads); export it as Slice") }
    guard pads.count == 2 * rank, rank >= 3, pads[0] == 0, pads[1] == 0, pads[rank] == 0, pads[rank + 1] == 0 else {
      throw Refusal("pads \(pads), expected rows and columns only")
    }
    let mode: Padding.Mode
    switch node.string("mode") ?? "constant" {
    case "constant":
      guard try !has(node, 2) || constant(node, 2).values.allSatisfy({ $0 == 0 }) else {
        throw Refusal("pads with other than zero")
      }
      mode = .zero
    case "reflect": mode = .reflect
    case "edge": mode = .replicate
    case "wrap": mode = .circular
    case let other: throw Refusal("has the mode '\(other)'")
    }
    var padding = Padding(mode: mode, top: 0, left: pads[rank - 1], bottom: 0, right: pads[2 * rank - 1])
    if rank == 4 { (padding.top, padding.bottom) = (pads[2], pads[rank + 2]) }
    let shape = graph[input.node].shape
    if [padding.top, padding.left, padding.bottom, padding.right].allSatisfy({ $0 <= 0 }) {
      let height = shape.height + padding.top + padding.bottom
      let width = shape.width + padding.left + padding.right
      let result = try append(.crop(top: -padding.top, left: -padding.left, height: height, width: width), [input.node])
      return .view(View(node: result, shape: graph[result].shape, rank: rank))
    }
    let result = try append(.pad(padding), [input.node])
    return .view(View(node: result, shape: graph[result].shape, rank: rank))
  }

  /// Rows or columns from the other side; a second such padding joins the first if that took the other direction.
  mutating func circularlyPadded(_ node: TranslationNode) throws -> Value {
    let input = try natural(try view(node, 0))
    let (rank, axis) = (input.dims.count, node.integer("axis") ?? 0)
    guard rank >= 3, axis >= 2, axis < rank, let before = node.integer("before"), let after = node.integer("after") else {
      throw Refusal("repeats something other than rows and columns")
    }
    var (source, padding) = (input.node, Padding(mode: .circular, top: 0, left: 0, bottom: 0, right: 0))
    let isRow = rank == 4 && axis == 2
    if case .pad(let inner) = graph[source].operation, inner.mode == .circular,
      isRow ? inner.top == 0 && inner.bottom == 0 : inner.left == 0 && inner.right == 0
    {
      (source, padding) = (graph[source].inputs[0], inner)
    }
    if isRow { (padding.top, padding.bottom) = (before, after) } else { (padding.left, padding.right) = (before, after) }
    let result = try append(.pad(padding), [source])
    return .view(View(node: result, shape: graph[result].shape, rank: rank))
  }

  mutating func resized(_ node: TranslationNode) throws -> Value {
    let input = try natural(try view(node, 0))
    let shape = graph[input.node].shape
    guard let output = source.shape(of: node.outputs[0]), output.count == input.dims.count, output[1] == shape.channels else {
      throw Refusal("changes more than rows and columns")
    }
    let (height, width) = (input.dims.count == 4 ? output[2] : 1, output[output.count - 1])
    let coordinates = node.string("coordinate_transformation_mode") ?? "half_pixel"
    guard node.integer("antialias") ?? 0 == 0 else { throw Refusal("is antialiased") }
    let scales = node.op == "Upsample" ? 1 : 2
    if has(node, scales) {
      // Places are counted by the factor, which is the ratio of the lengths only where it divides into whole pixels.
      let axes = node.integers("axes")?.map { $0 < 0 ? $0 + input.dims.count : $0 } ?? Array(input.dims.indices)
      for (axis, factor) in zip(axes, try constant(node, scales).values) where input.dims.indices.contains(axis) {
        let (length, result) = (input.shape[axis], output[axis])
        guard abs(Float(length) * factor - Float(result)) <= 1e-4 * Float(result) else {
          throw Refusal("makes \(result) of \(length) pixels by the factor \(factor); export it with sizes instead of factors")
        }
      }
    }
    let method: Resize.Method
    switch node.string("mode") ?? "nearest" {
    case "nearest":
      let rounding = node.string("nearest_mode") ?? "round_prefer_floor"
      let isWhole = height % shape.height == 0 && width % shape.width == 0
      guard
        (coordinates == "asymmetric" && rounding == "floor")
          || (isWhole && ["half_pixel", "pytorch_half_pixel"].contains(coordinates) && rounding.hasPrefix("round"))
      else { throw Refusal("takes the nearest pixel by '\(coordinates)' and '\(rounding)'; export it as asymmetric and floor") }
      method = .nearest
    case "linear":
      switch coordinates {
      case "half_pixel", "pytorch_half_pixel": method = .bilinear
      case "align_corners": method = .bilinearCorners
      default: throw Refusal("interpolates by '\(coordinates)'; half_pixel and align_corners can be converted")
      }
    case let mode: throw Refusal("interpolates by '\(mode)'; nearest and linear can be converted")
    }
    let isDouble = method == .nearest && height == 2 * shape.height && width == 2 * shape.width
    let operation: Operation = isDouble ? .upsampleNearest : .resize(Resize(method, height: height, width: width))
    let result = try append(operation, [input.node])
    return .view(View(node: result, shape: graph[result].shape, rank: input.dims.count))
  }

  /// ONNX's own pixel shuffles, as the reshapes that define them.
  mutating func shuffled(_ node: TranslationNode) throws -> Value {
    let view = try view(node, 0)
    let shape = view.shape
    guard let block = node.integer("blocksize"), block > 0, shape.count == 4 else { throw Refusal("has no blocksize") }
    func reshaped(_ view: View, _ shape: [Int]) throws -> View {
      guard let result = view.reshaped(shape) else { throw Refusal("does not divide \(view.shape)") }
      return result
    }
    if node.op == "SpaceToDepth" {
      let parted = try reshaped(view, [shape[0], shape[1], shape[2] / block, block, shape[3] / block, block])
      return .view(
        try reshaped(
          parted.transposed([0, 3, 5, 1, 2, 4]), [shape[0], shape[1] * block * block, shape[2] / block, shape[3] / block]))
    }
    let isColumnFirst = node.string("mode") == "CRD"
    let channels = shape[1] / (block * block)
    let parted = try reshaped(
      view,
      isColumnFirst
        ? [shape[0], channels, block, block, shape[2], shape[3]] : [shape[0], block, block, channels, shape[2], shape[3]])
    let moved = parted.transposed(isColumnFirst ? [0, 1, 4, 2, 5, 3] : [0, 3, 4, 1, 5, 2])
    return .view(try reshaped(moved, [shape[0], channels, shape[2] * block, shape[3] * block]))
  }
}
