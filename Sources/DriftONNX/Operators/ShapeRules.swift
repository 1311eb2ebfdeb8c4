/// Shapes of operators' results, by ONNX's definitions.
struct ShapeRules {
  let node: ONNXNode
  let opset: Int
  /// Inputs by position; nil for an optional one that is left out.
  let inputs: [TensorInfo?]

  private static let binary: Set = [
    "Add", "Sub", "Mul", "Div", "Pow", "Mod", "Equal", "Less", "LessOrEqual", "Greater", "GreaterOrEqual", "And", "Or", "Xor",
  ]

  /// What each output is.
  func infer() throws -> [TensorInfo] {
    switch node.op {
    case "Identity", "Dropout", "Neg", "Abs", "Sqrt", "Reciprocal", "Exp", "Log", "Sin", "Cos", "Tan", "Erf", "Sigmoid",
      "HardSigmoid",
      "HardSwish", "Tanh", "Relu", "LeakyRelu", "Elu", "Selu", "Celu", "Softsign", "ThresholdedRelu", "Softplus", "Gelu", "Mish",
      "Swish", "Clip", "Floor", "Ceil",
      "Round",
      "Sign", "Not", "Softmax", "LogSoftmax", "CumSum", "Trilu", "InstanceNormalization", "GroupNormalization", "RMSNormalization",
      "LayerNormalization", "BatchNormalization":
      return [TensorInfo(try input(0).type, try input(0).shape)]
    case "PRelu":
      let shape = try input(0).shape
      guard Layout.broadcast(shape, try input(1).shape) == shape else {
        throw OperatorError("has slopes of \(try input(1).shape) for \(shape)")
      }
      return [TensorInfo(try input(0).type, shape)]
    case let op where Self.binary.contains(op) && inputs.count != 2:
      throw OperatorError("has \(inputs.count) inputs, expected 2")
    case "Where" where inputs.count != 3: throw OperatorError("has \(inputs.count) inputs, expected 3")
    case "Add", "Sub", "Mul", "Div", "Pow", "Mod", "Min", "Max", "Sum", "Mean":
      return [TensorInfo(try input(0).type, try broadcast())]
    case "Equal", "Less", "LessOrEqual", "Greater", "GreaterOrEqual", "And", "Or", "Xor":
      return [TensorInfo(.bool, try broadcast())]
    case "Where": return [TensorInfo(try input(1).type, try broadcast())]
    case "Cast":
      guard let type = ElementType(rawValue: Int32(truncatingIfNeeded: node.integer("to", default: 0))) else {
        throw OperatorError("casts to the number format \(node.integer("to", default: 0)), which is not known")
      }
      return [TensorInfo(type, try input(0).shape)]
    case "CastLike": return [TensorInfo(try input(1).type, try input(0).shape)]
    case "Shape":
      let rank = try input(0).shape.count
      let (first, end) = shapeRange(rank)
      return [TensorInfo(.int64, [max(end - first, 0)])]
    case "Size": return [TensorInfo(.int64, [])]
    case "Constant", "ConstantOfShape", "Range", "NonZero":
      throw OperatorError("depends on values that are known only when the model runs")
    case "Reshape": return [TensorInfo(try input(0).type, try reshaped())]
    case "Flatten":
      let shape = try input(0).shape
      let axis = node.integer("axis", default: 1)
      let split = axis < 0 ? axis + shape.count : axis
      guard (0...shape.count).contains(split) else { throw OperatorError("has axis \(axis)") }
      return [TensorInfo(try input(0).type, [shape[..<split].reduce(1, *), shape[split...].reduce(1, *)])]
    case "Squeeze", "Unsqueeze": return [TensorInfo(try input(0).type, try squeezed())]
    case "Transpose":
      let shape = try input(0).shape
      return [TensorInfo(try input(0).type, try permutation(shape.count).map { shape[$0] })]
    case "Expand": return [TensorInfo(try input(0).type, try expanded())]
    case "Tile":
      let repeats = try integers(1)
      let shape = try input(0).shape
      guard repeats.count == shape.count, repeats.allSatisfy({ $0 >= 0 && $0 <= 1 << 20 }) else {
        throw OperatorError("repeats \(repeats) times")
      }
      return [TensorInfo(try input(0).type, zip(shape, repeats).map { $0 * $1 })]
    case "Concat": return [TensorInfo(try input(0).type, try concatenated())]
    case "Split": return try split().map { TensorInfo(try input(0).type, $0) }
    case "Slice": return [TensorInfo(try input(0).type, try slice().map(\.count))]
    case "Gather":
      let (shape, indices) = (try input(0).shape, try input(1).shape)
      let axis = try axis(node.integer("axis", default: 0), shape.count)
      return [TensorInfo(try input(0).type, shape[..<axis] + indices + shape[(axis + 1)...])]
    case "GatherElements": return [TensorInfo(try input(0).type, try input(1).shape)]
    case "GatherND":
      let (shape, indices) = (try input(0).shape, try input(1).shape)
      let batch = node.integer("batch_dims", default: 0)
      guard let width = indices.last, batch >= 0, batch < indices.count, width >= 1, width <= shape.count - batch,
        shape[..<batch] == indices[..<batch]
      else { throw OperatorError("takes indices of \(indices) from \(shape)") }
      return [TensorInfo(try input(0).type, indices.dropLast() + shape[(batch + width)...])]
    case "Pad": return [TensorInfo(try input(0).type, try padded())]
    case "MatMul": return [TensorInfo(try input(0).type, try matrixProduct(try input(0).shape, try input(1).shape))]
    case "Gemm":
      let (a, b) = (try input(0).shape, try input(1).shape)
      guard a.count == 2, b.count == 2 else { throw OperatorError("multiplies \(a) by \(b)") }
      let (rows, depth) = node.integer("transA", default: 0) != 0 ? (a[1], a[0]) : (a[0], a[1])
      let (other, columns) = node.integer("transB", default: 0) != 0 ? (b[1], b[0]) : (b[0], b[1])
      guard depth == other else { throw OperatorError("multiplies \(a) by \(b)") }
      return [TensorInfo(try input(0).type, [rows, columns])]
    case "Einsum": return [TensorInfo(try input(0).type, try Einsum(node.string("equation", default: ""), try shapes()).result)]
    case "ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1", "ReduceL2", "ReduceSumSquare",
      "ReduceLogSumExp":
      return [TensorInfo(try input(0).type, try reduced().shape)]
    case "ArgMax", "ArgMin":
      var shape = try input(0).shape
      let axis = try axis(node.integer("axis", default: 0), shape.count)
      if node.integer("keepdims", default: 1) == 1 { shape[axis] = 1 } else { shape.remove(at: axis) }
      return [TensorInfo(.int64, shape)]
    case "Conv": return [TensorInfo(try input(0).type, try Window(self).convolution)]
    case "ConvTranspose": return [TensorInfo(try input(0).type, try Window(self).transposed)]
    case "AveragePool", "MaxPool": return [TensorInfo(try input(0).type, try Window(self).pooled)]
    case "GlobalAveragePool", "GlobalMaxPool":
      let shape = try input(0).shape
      guard shape.count >= 3 else { throw OperatorError("takes \(shape)") }
      return [TensorInfo(try input(0).type, shape[..<2] + [Int](repeating: 1, count: shape.count - 2))]
    case "Resize": return [TensorInfo(try input(0).type, try resized())]
    case "DepthToSpace", "SpaceToDepth":
      let (shape, block) = (try input(0).shape, node.integer("blocksize", default: 0))
      guard shape.count == 4, (1...1024).contains(block) else { throw OperatorError("has blocksize \(block) for \(shape)") }
      if node.op == "SpaceToDepth" {
        guard shape[2] % block == 0, shape[3] % block == 0 else { throw OperatorError("has blocksize \(block) for \(shape)") }
        return [TensorInfo(try input(0).type, [shape[0], shape[1] * block * block, shape[2] / block, shape[3] / block])]
      }
      guard shape[1] % (block * block) == 0 else { throw OperatorError("has blocksize \(block) for \(shape)") }
      return [TensorInfo(try input(0).type, [shape[0], shape[1] / (block * block), shape[2] * block, shape[3] * block])]
    case "Attention":
      let (query, value) = (try input(0).shape, try input(2).shape)
      guard query.count == value.count, query.count == 3 || query.count == 4 else {
        throw OperatorError("takes \(query) and \(value)")
      }
      if query.count == 4 { return [TensorInfo(try input(0).type, [query[0], query[1], query[2], value[3]])] }
      let heads = node.integer("q_num_heads", default: 1), others = node.integer("kv_num_heads", default: heads)
      guard [heads, others].allSatisfy({ (1...65_536).contains($0) }) else {
        throw OperatorError("has \(heads) and \(others) heads")
      }
      return [TensorInfo(try input(0).type, [query[0], query[1], value[2] / others * heads])]
    default: throw OperatorError.unknown(node.op)
    }
  }

  // MARK: - Inputs

  func input(_ index: Int) throws -> TensorInfo {
    guard index < inputs.count, let info = inputs[index] else { throw OperatorError("has no input \(index)") }
    return info
  }

  func has(_ index: Int) -> Bool { index < inputs.count && inputs[index] != nil }

  /// Values of an input that must be known.
  func integers(_ index: Int) throws -> [Int] {
    guard let constant = try input(index).constant else {
      throw OperatorError("depends in input \(index) on what is fed to the model")
    }
    return constant.value().integers
  }

  private func shapes() throws -> [[Int]] { try inputs.indices.map { try input($0).shape } }

  func axis(_ number: Int, _ rank: Int) throws -> Int {
    guard let axis = Layout.axis(number, rank: rank) else { throw OperatorError("has axis \(number) of \(rank) dimensions") }
    return axis
  }

  // MARK: - Rules

  private func broadcast() throws -> [Int] {
    try shapes().dropFirst().reduce(try input(0).shape) { a, b in
      guard let shape = Layout.broadcast(a, b) else { throw OperatorError("combines \(a) and \(b), which do not fit") }
      return shape
    }
  }

  func shapeRange(_ rank: Int) -> (Int, Int) {
    func bound(_ value: Int) -> Int { min(max(value < 0 ? value + rank : value, 0), rank) }
    return (bound(node.integer("start", default: 0)), bound(node.integer("end", default: rank)))
  }

  func permutation(_ rank: Int) throws -> [Int] {
    let permutation = node.integers("perm") ?? Array((0..<rank).reversed())
    guard permutation.sorted() == Array(0..<rank) else { throw OperatorError("has perm \(permutation) for \(rank) dimensions") }
    return permutation
  }

  private func reshaped() throws -> [Int] {
    let (old, given) = (try input(0).shape, try integers(1))
    guard given.count <= 8 else { throw OperatorError("makes \(given.count) dimensions") }
    let total = old.reduce(1, *)
    let keepsZero = node.integer("allowzero", default: 0) == 0
    var shape = given
    for index in shape.indices where shape[index] == 0 && keepsZero {
      guard index < old.count else { throw OperatorError("copies dimension \(index) of \(old)") }
      shape[index] = old[index]
    }
    if let open = shape.firstIndex(of: -1) {
      let rest = shape.enumerated().filter { $0.offset != open }.reduce(1) { $0.multipliedOrZero(by: $1.element) }
      guard rest > 0, total % rest == 0 else { throw OperatorError("reshapes \(old) to \(given)") }
      shape[open] = total / rest
    }
    guard Layout.count(shape) == total else { throw OperatorError("reshapes \(old) to \(given)") }
    return shape
  }

  private func squeezed() throws -> [Int] {
    let shape = try input(0).shape
    let given = try node.integers("axes") ?? (has(1) ? try integers(1) : nil)
    if node.op == "Squeeze" {
      guard let given else { return shape.filter { $0 != 1 } }
      let axes = Set(try given.map { try axis($0, shape.count) })
      guard axes.allSatisfy({ shape[$0] == 1 }) else { throw OperatorError("squeezes \(given) of \(shape)") }
      return shape.indices.filter { !axes.contains($0) }.map { shape[$0] }
    }
    guard let given else { throw OperatorError("has no axes") }
    let rank = shape.count + given.count
    let axes = Set(try given.map { try axis($0, rank) })
    guard axes.count == given.count, rank <= 8 else { throw OperatorError("has axes \(given)") }
    var rest = shape[...]
    return (0..<rank).map { axes.contains($0) ? 1 : rest.popFirst() ?? 1 }
  }

  private func expanded() throws -> [Int] {
    let (shape, target) = (try input(0).shape, try integers(1))
    guard target.count <= 8, let result = Layout.broadcast(shape, target), Layout.count(result) != nil else {
      throw OperatorError("expands \(shape) to \(target)")
    }
    return result
  }

  private func concatenated() throws -> [Int] {
    let shapes = try shapes()
    guard var result = shapes.first else { throw OperatorError("joins nothing") }
    let axis = try axis(node.integer("axis", default: 0), result.count)
    for shape in shapes.dropFirst() {
      guard shape.count == result.count, shape.indices.allSatisfy({ $0 == axis || shape[$0] == result[$0] }) else {
        throw OperatorError("joins \(shapes)")
      }
      result[axis] += shape[axis]
    }
    return result
  }

  private func split() throws -> [[Int]] {
    let shape = try input(0).shape
    let axis = try axis(node.integer("axis", default: 0), shape.count)
    var parts: [Int]
    if let given = try node.integers("split") ?? (has(1) ? try integers(1) : nil) {
      parts = given
    } else {
      let count = max(node.outputs.count, 1)
      let each = (shape[axis] + count - 1) / count
      parts = [Int](repeating: each, count: count)
      parts[count - 1] = shape[axis] - each * (count - 1)
    }
    guard parts.count == node.outputs.count, parts.allSatisfy({ $0 >= 0 && $0 <= shape[axis] }), parts.reduce(0, +) == shape[axis]
    else {
      throw OperatorError("splits \(shape[axis]) into \(parts)")
    }
    return parts.map { length in
      var part = shape
      part[axis] = length
      return part
    }
  }

  /// For each dimension the first index, the step, and how many indices.
  func slice() throws -> [(first: Int, step: Int, count: Int)] {
    let shape = try input(0).shape
    let (starts, ends) = (try integers(1), try integers(2))
    let axes = has(3) ? try integers(3) : Array(starts.indices)
    let steps = has(4) ? try integers(4) : [Int](repeating: 1, count: starts.count)
    guard starts.count == ends.count, axes.count == starts.count, steps.count == starts.count else {
      throw OperatorError("has unequal bounds")
    }
    var result = shape.map { (first: 0, step: 1, count: $0) }
    for (index, number) in axes.enumerated() {
      let axis = try axis(number, shape.count)
      let (length, step) = (shape[axis], steps[index])
      guard step != 0, step.magnitude < 1 << 31 else { throw OperatorError("has the step \(step)") }
      func bound(_ value: Int, _ low: Int, _ high: Int) -> Int {
        min(max(value < 0 ? value.addingReportingOverflow(length).partialValue : value, low), high)
      }
      let first = step > 0 ? bound(starts[index], 0, length) : bound(starts[index], 0, length - 1)
      let end = step > 0 ? bound(ends[index], 0, length) : bound(ends[index], -1, length - 1)
      let span = step > 0 ? end - first : first - end
      result[axis] = (first, step, span > 0 && length > 0 ? (span + abs(step) - 1) / abs(step) : 0)
    }
    return result
  }

  /// Pads in front of and behind each dimension.
  func pads() throws -> [(before: Int, after: Int)] {
    let rank = try input(0).shape.count
    let given = try integers(1)
    let axes = has(3) ? try integers(3).map { try axis($0, rank) } : Array(0..<rank)
    guard given.count == 2 * axes.count, given.allSatisfy({ $0.magnitude <= 1 << 24 }) else {
      throw OperatorError("has pads \(given)")
    }
    var result = [(before: Int, after: Int)](repeating: (0, 0), count: rank)
    for (index, axis) in axes.enumerated() { result[axis] = (given[index], given[axes.count + index]) }
    return result
  }

  private func padded() throws -> [Int] {
    let shape = zip(try input(0).shape, try pads()).map { $0 + $1.before + $1.after }
    guard Layout.count(shape) != nil else { throw OperatorError("makes the shape \(shape)") }
    return shape
  }

  private func matrixProduct(_ a: [Int], _ b: [Int]) throws -> [Int] {
    let (left, right) = (a.count == 1 ? [1] + a : a, b.count == 1 ? b + [1] : b)
    guard left.count >= 2, right.count >= 2, left[left.count - 1] == right[right.count - 2],
      let batch = Layout.broadcast(Array(left.dropLast(2)), Array(right.dropLast(2)))
    else { throw OperatorError("multiplies \(a) by \(b)") }
    return batch + (a.count == 1 ? [] : [left[left.count - 2]]) + (b.count == 1 ? [] : [right[right.count - 1]])
  }

  /// Dimensions that a reduction runs over, and the shape of its result.
  func reduced() throws -> (axes: Set<Int>, shape: [Int]) {
    let shape = try input(0).shape
    let given = try node.integers("axes") ?? (has(1) ? try integers(1) : [])
    if given.isEmpty && node.integer("noop_with_empty_axes", default: 0) == 1 { return ([], shape) }
    let axes = given.isEmpty ? Set(shape.indices) : Set(try given.map { try axis($0, shape.count) })
    let keeps = node.integer("keepdims", default: 1) == 1
    return (axes, shape.indices.compactMap { axes.contains($0) ? (keeps ? 1 : nil) : shape[$0] })
  }

  private func resized() throws -> [Int] {
    let shape = try input(0).shape
    let axes = try node.integers("axes")?.map { try axis($0, shape.count) } ?? Array(shape.indices)
    var result = shape
    if has(3), try input(3).shape != [0] {
      let sizes = try integers(3)
      guard sizes.count == axes.count else { throw OperatorError("has sizes \(sizes)") }
      for (axis, size) in zip(axes, sizes) { result[axis] = size }
    } else if has(2), let scales = try input(2).constant?.value().floats {
      guard scales.count == axes.count, scales.allSatisfy({ $0 > 0 && $0 < 65_536 }) else {
        throw OperatorError("has scales \(scales)")
      }
      for (axis, scale) in zip(axes, scales) { result[axis] = Int((Float(shape[axis]) * scale).rounded(.down)) }
    } else {
      throw OperatorError("has neither sizes nor scales that are known")
    }
    guard Layout.count(result) != nil, node.string("keep_aspect_ratio_policy", default: "stretch") == "stretch" else {
      throw OperatorError("makes the shape \(result)")
    }
    return result
  }
}

extension Int {
  /// The product, or 0 where it leaves the range or a factor is negative.
  fileprivate func multipliedOrZero(by other: Int) -> Int {
    guard self >= 0, other >= 0 else { return 0 }
    let (product, overflow) = multipliedReportingOverflow(by: other)
    return overflow ? 0 : product
  }
}
