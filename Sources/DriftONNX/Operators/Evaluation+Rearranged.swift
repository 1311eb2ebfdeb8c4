/// Operators that take values from other places.
extension Evaluation {
  func rearranged() throws -> [TensorValue] {
    let infos = try rules.infer()
    guard infos.allSatisfy({ Layout.count($0.shape) != nil }), let shape = infos.first?.shape else {
      throw OperatorError("makes too large a tensor")
    }
    let value = try input(0)
    let strides = Layout.strides(value.shape)
    switch node.op {
    case "Transpose":
      return [value.taking(Layout.walk(shape, try rules.permutation(shape.count).map { strides[$0] }), shape: shape)]
    case "Expand": return [value.taking(Layout.sources(value.shape, in: shape), shape: shape)]
    case "Tile":
      let indices = Layout.walk(shape, Layout.strides(shape)).map { place in
        zip(zip(shape, Layout.strides(shape)), zip(value.shape, strides)).reduce(0) { sum, item in
          sum + place / item.0.1 % item.0.0 % item.1.0 * item.1.1
        }
      }
      return [value.taking(indices, shape: shape)]
    case "Slice":
      let slice = try rules.slice()
      let first = zip(slice, strides).reduce(0) { $0 + $1.0.first * $1.1 }
      return [value.taking(Layout.walk(shape, zip(slice, strides).map { $0.step * $1 }, first: first), shape: shape)]
    case "Gather": return [try gathered(value, shape)]
    case "GatherND": return [try gatheredSlices(value, shape)]
    case "GatherElements": return [try gatheredElements(value, shape)]
    case "Concat": return [try joined(shape)]
    case "Split": return try split(value, infos.map(\.shape))
    case "Pad": return [try padded(value, shape)]
    case "Trilu": return [try triangle(value)]
    default: return [try shuffled(value, shape)]
    }
  }

  private func gathered(_ value: TensorValue, _ shape: [Int]) throws -> TensorValue {
    let axis = try rules.axis(node.integer("axis", default: 0), value.shape.count)
    let length = value.shape[axis]
    let inner = value.shape[(axis + 1)...].reduce(1, *)
    let outer = value.shape[..<axis].reduce(1, *)
    let indices = try input(1).integers.map { index -> Int in
      let place = index < 0 ? index + length : index
      guard (0..<length).contains(place) else { throw OperatorError("takes index \(index) of \(length)") }
      return place
    }
    let places = (0..<outer).flatMap { block in
      indices.flatMap { index in (0..<inner).map { (block * length + index) * inner + $0 } }
    }
    return value.taking(places, shape: shape)
  }

  private func gatheredSlices(_ value: TensorValue, _ shape: [Int]) throws -> TensorValue {
    let batch = node.integer("batch_dims", default: 0)
    let indices = try input(1)
    guard let width = indices.shape.last, width > 0 else { throw OperatorError("has no indices") }
    let strides = Layout.strides(value.shape)
    let inner = value.shape[(batch + width)...].reduce(1, *)
    let numbers = indices.integers
    let batches = value.shape[..<batch].reduce(1, *)
    let (perBatch, own) = (numbers.count / width / max(batches, 1), value.count / max(batches, 1))
    let places = try (0..<numbers.count / width).flatMap { number -> [Int] in
      var first = number / max(perBatch, 1) * own
      for axis in 0..<width {
        let (index, length) = (numbers[number * width + axis], value.shape[batch + axis])
        guard (-length..<length).contains(index) else { throw OperatorError("takes index \(index) of \(length)") }
        first += (index < 0 ? index + length : index) * strides[batch + axis]
      }
      return (0..<inner).map { first + $0 }
    }
    return value.taking(places, shape: shape)
  }

  private func gatheredElements(_ value: TensorValue, _ shape: [Int]) throws -> TensorValue {
    guard shape.count == value.shape.count else { throw OperatorError("takes \(shape) of \(value.shape)") }
    let axis = try rules.axis(node.integer("axis", default: 0), shape.count)
    guard shape.indices.allSatisfy({ $0 == axis || shape[$0] <= value.shape[$0] }) else {
      throw OperatorError("takes \(shape) of \(value.shape)")
    }
    let strides = Layout.strides(value.shape)
    var steps = strides
    steps[axis] = 0
    let places = try zip(Layout.walk(shape, steps), try input(1).integers).map { base, index -> Int in
      let place = index < 0 ? index + value.shape[axis] : index
      guard (0..<value.shape[axis]).contains(place) else { throw OperatorError("takes index \(index) of \(value.shape[axis])") }
      return base + place * strides[axis]
    }
    return value.taking(places, shape: shape)
  }

  private func joined(_ shape: [Int]) throws -> TensorValue {
    let parts = try inputs.indices.map { try input($0) }
    let axis = try rules.axis(node.integer("axis", default: 0), shape.count)
    let outer = shape[..<axis].reduce(1, *)
    let blocks = parts.map { $0.count / max(outer, 1) }
    func join<Element>(_ values: [[Element]]) -> [Element] {
      (0..<outer).flatMap { block in values.indices.flatMap { values[$0][block * blocks[$0]..<(block + 1) * blocks[$0]] } }
    }
    let isFloat = parts.contains { $0.type.isFloat }
    return TensorValue(
      type: parts[0].type, shape: shape,
      storage: isFloat ? .floats(join(parts.map(\.floats))) : .integers(join(parts.map(\.integers))))
  }

  private func split(_ value: TensorValue, _ shapes: [[Int]]) throws -> [TensorValue] {
    let axis = try rules.axis(node.integer("axis", default: 0), value.shape.count)
    let strides = Layout.strides(value.shape)
    var first = 0
    return shapes.map { shape in
      defer { first += shape[axis] }
      return value.taking(Layout.walk(shape, strides, first: first * strides[axis]), shape: shape)
    }
  }

  private func padded(_ value: TensorValue, _ shape: [Int]) throws -> TensorValue {
    let pads = try rules.pads()
    let mode = node.string("mode", default: "constant")
    let (own, target) = (Layout.strides(value.shape), Layout.strides(shape))
    let places = try (0..<(Layout.count(shape) ?? 0)).map { place -> Int? in
      var source = 0
      for index in shape.indices {
        let length = value.shape[index]
        var position = place / target[index] % shape[index] - pads[index].before
        if !(0..<length).contains(position) {
          guard length > 0 || mode == "constant" else { throw OperatorError("has no pixels to continue with \(mode)") }
          switch mode {
          case "constant": return nil
          case "edge": position = min(max(position, 0), length - 1)
          case "wrap": position = ((position % length) + length) % length
          case "reflect":
            guard length > 1 else { throw OperatorError("reflects a dimension of \(length)") }
            let period = 2 * (length - 1)
            position = ((position % period) + period) % period
            if position >= length { position = period - position }
          default: throw OperatorError("has the mode '\(mode)'")
          }
        }
        source += position * own[index]
      }
      return source
    }
    let fill = has(2) ? try input(2) : TensorValue([], floats: [0])
    switch value.storage {
    case .floats(let values):
      let filler = fill.floats.first ?? 0
      return TensorValue(type: value.type, shape: shape, storage: .floats(places.map { $0.map { values[$0] } ?? filler }))
    case .integers(let values):
      let filler = fill.integers.first ?? 0
      return TensorValue(type: value.type, shape: shape, storage: .integers(places.map { $0.map { values[$0] } ?? filler }))
    }
  }

  private func triangle(_ value: TensorValue) throws -> TensorValue {
    guard value.shape.count >= 2 else { throw OperatorError("takes \(value.shape)") }
    let (rows, columns) = (value.shape[value.shape.count - 2], value.shape[value.shape.count - 1])
    let diagonal = has(1) ? try input(1).integers.first ?? 0 : 0
    let isUpper = node.integer("upper", default: 1) == 1
    var values = value.floats
    for index in values.indices {
      let (row, column) = (index / columns % rows, index % columns)
      if isUpper ? column - row < diagonal : column - row > diagonal { values[index] = 0 }
    }
    let storage: TensorValue.Storage = value.type.isFloat ? .floats(values) : .integers(values.map(TensorValue.integer))
    return TensorValue(type: value.type, shape: value.shape, storage: storage)
  }

  private func shuffled(_ value: TensorValue, _ shape: [Int]) throws -> TensorValue {
    let (old, block) = (value.shape, node.integer("blocksize", default: 1))
    let (divided, order): ([Int], [Int])
    if node.op == "SpaceToDepth" {
      (divided, order) = ([old[0], old[1], old[2] / block, block, old[3] / block, block], [0, 3, 5, 1, 2, 4])
    } else if node.string("mode", default: "DCR") == "CRD" {
      (divided, order) = ([old[0], old[1] / (block * block), block, block, old[2], old[3]], [0, 1, 4, 2, 5, 3])
    } else {
      (divided, order) = ([old[0], block, block, old[1] / (block * block), old[2], old[3]], [0, 3, 4, 1, 5, 2])
    }
    let strides = Layout.strides(divided)
    return value.taking(Layout.walk(order.map { divided[$0] }, order.map { strides[$0] }), shape: shape)
  }
}
