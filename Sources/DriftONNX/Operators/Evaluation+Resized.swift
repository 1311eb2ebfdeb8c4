/// Interpolation, one dimension after the other.
extension Evaluation {
  func resized() throws -> TensorValue {
    var value = try input(0)
    let shape = try shape()
    let mode = node.string("mode", default: "nearest")
    guard mode == "nearest" || mode == "linear", node.integer("antialias", default: 0) == 0 else {
      throw OperatorError("interpolates by '\(mode)' or antialiased, which is not supported")
    }
    let scales = try scales(shape)
    for axis in shape.indices where shape[axis] != value.shape[axis] || scales[axis] != 1 {
      let length = value.shape[axis]
      guard length > 0 else { throw OperatorError("resizes \(value.shape)") }
      var between = value.shape
      between[axis] = shape[axis]
      guard let count = Layout.count(between), count <= max(Self.largestIntermediate, value.count, Layout.count(shape) ?? 0) else {
        throw OperatorError("resizes \(value.shape) to \(shape), which passes through \(between)")
      }
      let positions = try (0..<shape[axis]).map { try position($0, length, shape[axis], scales[axis]) }
      if mode == "nearest" {
        let places = try positions.map { try clamped(nearest($0), length) }
        value = value.taking(axis: axis, places)
      } else {
        let low = value.taking(axis: axis, positions.map { clamped($0.rounded(.down), length) })
        let high = value.taking(axis: axis, positions.map { clamped($0.rounded(.down) + 1, length) })
        let shares = positions.map { Float($0 - $0.rounded(.down)) }
        let inner = Layout.strides(low.shape)[axis]
        let (first, second) = (low.floats, high.floats)
        let mixed = first.indices.map { index -> Float in
          let share = shares[index / inner % shape[axis]]
          return first[index] * (1 - share) + second[index] * share
        }
        value = TensorValue(type: low.type, shape: low.shape, storage: .floats(mixed))
      }
    }
    return value
  }

  /// Most values after some of the dimensions, where the result has fewer.
  private static let largestIntermediate = 1 << 24

  /// New length over old, of each dimension; the exact factors where the model gives factors.
  private func scales(_ shape: [Int]) throws -> [Double] {
    let old = try input(0).shape
    let axes = try node.integers("axes")?.map { try rules.axis($0, old.count) } ?? Array(old.indices)
    var result = zip(shape, old).map { Double($0) / Double(max($1, 1)) }
    let usesSizes = try has(3) && input(3).count > 0
    if !usesSizes, has(2) {
      for (axis, scale) in zip(axes, try input(2).floats) { result[axis] = Double(scale) }
    }
    return result
  }

  /// Where in the old dimension an index of the new one lies.
  private func position(_ index: Int, _ old: Int, _ new: Int, _ scale: Double) throws -> Double {
    let x = Double(index)
    switch node.string("coordinate_transformation_mode", default: "half_pixel") {
    case "half_pixel": return (x + 0.5) / scale - 0.5
    case "pytorch_half_pixel": return new > 1 ? (x + 0.5) / scale - 0.5 : 0
    case "align_corners": return new > 1 ? x * Double(old - 1) / Double(new - 1) : 0
    case "asymmetric": return x / scale
    case "half_pixel_symmetric":
      let adjustment = Double(new) / (scale * Double(old))
      return Double(old) / 2 * (1 - adjustment) + (x + 0.5) / scale - 0.5
    case let mode: throw OperatorError("has the coordinates '\(mode)', which are not supported")
    }
  }

  private func nearest(_ position: Double) throws -> Double {
    switch node.string("nearest_mode", default: "round_prefer_floor") {
    case "round_prefer_floor": return (position - 0.5).rounded(.up)
    case "round_prefer_ceil": return (position + 0.5).rounded(.down)
    case "floor": return position.rounded(.down)
    case "ceil": return position.rounded(.up)
    case let mode: throw OperatorError("rounds by '\(mode)', which is not supported")
    }
  }

  private func clamped(_ position: Double, _ length: Int) -> Int {
    position.isFinite ? Int(min(max(position, 0), Double(length - 1))) : 0
  }
}

extension TensorValue {
  /// Some indices of one dimension.
  fileprivate func taking(axis: Int, _ places: [Int]) -> TensorValue {
    var target = shape
    target[axis] = places.count
    let inner = Layout.strides(shape)[axis]
    let outer = shape[..<axis].reduce(1, *)
    let indices = (0..<outer).flatMap { block in
      places.flatMap { place in (0..<inner).map { (block * shape[axis] + place) * inner + $0 } }
    }
    return taking(indices, shape: target)
  }
}
