import Foundation

/// Sums, means and normalizations.
extension Evaluation {
  func reduced() throws -> TensorValue {
    let value = try input(0)
    switch node.op {
    case "CumSum": return try runningSum(value)
    case "ArgMax", "ArgMin": return try extreme(value)
    default: break
    }
    let (axes, shape) = try rules.reduced()
    if axes.isEmpty { return value }
    let strides = Layout.strides(value.shape)
    let kept = value.shape.indices.filter { !axes.contains($0) }
    let gone = value.shape.indices.filter(axes.contains)
    let bases = Layout.walk(kept.map { value.shape[$0] }, kept.map { strides[$0] })
    let offsets = Layout.walk(gone.map { value.shape[$0] }, gone.map { strides[$0] })
    if case .integers(let values) = value.storage {
      let result = try bases.map { base in try reduced(offsets.lazy.map { values[base + $0] }, count: offsets.count) }
      return TensorValue(type: value.type, shape: shape, storage: .integers(result))
    }
    let values = value.floats
    let result = bases.map { base in Float(reduced(offsets.lazy.map { Double(values[base + $0]) }, count: offsets.count)) }
    return TensorValue(type: value.type, shape: shape, storage: .floats(result))
  }

  private func reduced(_ part: some Sequence<Double>, count: Int) -> Double {
    switch node.op {
    case "ReduceMean": return part.reduce(0, +) / Double(count)
    case "ReduceMax": return part.max() ?? -.infinity
    case "ReduceMin": return part.min() ?? .infinity
    case "ReduceProd": return part.reduce(1, *)
    case "ReduceL1": return part.reduce(0) { $0 + abs($1) }
    case "ReduceL2": return part.reduce(0) { $0 + $1 * $1 }.squareRoot()
    case "ReduceSumSquare": return part.reduce(0) { $0 + $1 * $1 }
    case "ReduceLogSumExp":
      let highest = part.max() ?? 0
      return highest + log(part.reduce(0) { $0 + exp($1 - highest) })
    default: return part.reduce(0, +)
    }
  }

  /// Lengths and their products must stay exact.
  private func reduced(_ part: some Sequence<Int>, count: Int) throws -> Int {
    switch node.op {
    case "ReduceMean":
      guard count > 0 else { throw OperatorError("takes the mean of nothing") }
      return part.reduce(0, &+) / count
    case "ReduceMax": return part.max() ?? .min
    case "ReduceMin": return part.min() ?? .max
    case "ReduceProd": return part.reduce(1, &*)
    case "ReduceL1": return part.reduce(0) { $0 &+ ($1 < 0 ? 0 &- $1 : $1) }
    case "ReduceSumSquare": return part.reduce(0) { $0 &+ $1 &* $1 }
    case "ReduceSum": return part.reduce(0, &+)
    default: throw OperatorError("takes integers")
    }
  }

  private func runningSum(_ value: TensorValue) throws -> TensorValue {
    let axis = try rules.axis(try input(1).integers.first ?? 0, value.shape.count)
    let (stride, length) = (Layout.strides(value.shape)[axis], value.shape[axis])
    let (isExclusive, isReverse) = (node.integer("exclusive", default: 0) == 1, node.integer("reverse", default: 0) == 1)
    var rest = value.shape
    rest[axis] = 1
    let bases = Layout.walk(rest, Layout.strides(value.shape))
    func summed<Number>(_ values: [Number], _ zero: Number, _ add: (Number, Number) -> Number) -> [Number] {
      var result = values
      for base in bases {
        var sum = zero
        for step in 0..<length {
          let place = base + (isReverse ? length - 1 - step : step) * stride
          let next = add(sum, values[place])
          result[place] = isExclusive ? sum : next
          sum = next
        }
      }
      return result
    }
    let storage: TensorValue.Storage =
      switch value.storage {
      case .floats(let values): .floats(summed(values, 0, +))
      case .integers(let values): .integers(summed(values, 0, &+))
      }
    return TensorValue(type: value.type, shape: value.shape, storage: storage)
  }

  private func extreme(_ value: TensorValue) throws -> TensorValue {
    let shape = try shape()
    let axis = try rules.axis(node.integer("axis", default: 0), value.shape.count)
    let stride = Layout.strides(value.shape)[axis]
    var rest = value.shape
    rest[axis] = 1
    let values = value.floats
    let isLast = node.integer("select_last_index", default: 0) != 0
    let result = Layout.walk(rest, Layout.strides(value.shape)).map { base -> Int in
      var best = 0
      for index in 0..<value.shape[axis] {
        let (one, other) = (values[base + index * stride], values[base + best * stride])
        if node.op == "ArgMax" ? one > other : one < other { best = index }
        if isLast, one == other { best = index }
      }
      return best
    }
    return TensorValue(shape, integers: result)
  }

  // MARK: - Normalizations

  func normalized() throws -> TensorValue {
    let value = try input(0)
    let shape = value.shape
    switch node.op {
    case "Softmax", "LogSoftmax":
      let axis = try rules.axis(node.integer("axis", default: -1), shape.count)
      return rewritten(value, groups(shape, over: [axis])) { part in
        let highest = part.max() ?? 0
        let powers = part.map { exp($0 - highest) }
        let sum = powers.reduce(0, +)
        return node.op == "Softmax" ? powers.map { $0 / sum } : part.map { $0 - highest - log(sum) }
      }
    case "LayerNormalization", "RMSNormalization":
      let axis = try rules.axis(node.integer("axis", default: -1), shape.count)
      let normal = standardized(value, groups(shape, over: Array(axis..<shape.count)), isCentered: node.op == "LayerNormalization")
      return try affine(normal, factor: has(1) ? try input(1) : nil, shift: has(2) ? try input(2) : nil)
    case "InstanceNormalization":
      guard shape.count >= 2 else { throw OperatorError("takes \(shape)") }
      return try perChannel(
        standardized(value, groups(shape, over: Array(2..<shape.count)), isCentered: true), try input(1), try input(2))
    case "GroupNormalization":
      let count = node.integer("num_groups", default: 1)
      guard count > 0, shape.count >= 2, shape[1] % count == 0 else { throw OperatorError("has \(count) groups for \(shape)") }
      let divided = [shape[0], count, shape[1] / count] + shape[2...]
      let normal = standardized(value.reshaped(divided), groups(divided, over: Array(2..<divided.count)), isCentered: true)
        .reshaped(shape)
      var (factor, shift) = (try input(1), try input(2))
      guard factor.count == shift.count else { throw OperatorError("has \(factor.count) factors and \(shift.count) shifts") }
      if factor.count == count, count != shape[1] {
        let places = (0..<shape[1]).map { $0 / (shape[1] / count) }
        (factor, shift) = (factor.taking(places, shape: [shape[1]]), shift.taking(places, shape: [shape[1]]))
      }
      return try perChannel(normal, factor, shift)
    default:
      let (scale, bias, mean, variance) = (try input(1).floats, try input(2).floats, try input(3).floats, try input(4).floats)
      let epsilon = node.float("epsilon", default: 1e-5)
      guard shape.count >= 2, [scale, bias, mean, variance].allSatisfy({ $0.count == shape[1] }) else {
        throw OperatorError("takes \(shape)")
      }
      let factors = zip(scale, variance).map { Float(Double($0) / (Double($1) + Double(epsilon)).squareRoot()) }
      let shifts = zip(zip(bias, mean), factors).map { $0.0 - $0.1 * $1 }
      return try perChannel(value, TensorValue([shape[1]], floats: factors), TensorValue([shape[1]], floats: shifts))
    }
  }

  /// Indices of the values that are normalized together.
  private func groups(_ shape: [Int], over axes: [Int]) -> [[Int]] {
    let strides = Layout.strides(shape)
    let kept = shape.indices.filter { !axes.contains($0) }
    let offsets = Layout.walk(axes.map { shape[$0] }, axes.map { strides[$0] })
    return Layout.walk(kept.map { shape[$0] }, kept.map { strides[$0] }).map { base in offsets.map { base + $0 } }
  }

  private func rewritten(_ value: TensorValue, _ groups: [[Int]], _ change: ([Float]) -> [Float]) -> TensorValue {
    var values = value.floats
    for group in groups { for (index, result) in zip(group, change(group.map { values[$0] })) { values[index] = result } }
    return TensorValue(type: value.type, shape: value.shape, storage: .floats(values))
  }

  private func standardized(_ value: TensorValue, _ groups: [[Int]], isCentered: Bool) -> TensorValue {
    let epsilon = Double(node.float("epsilon", default: 1e-5))
    return rewritten(value, groups) { part in
      let mean = isCentered ? part.reduce(0.0) { $0 + Double($1) } / Double(part.count) : 0
      let power = part.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(part.count)
      let inverse = 1 / (power + epsilon).squareRoot()
      return part.map { Float((Double($0) - mean) * inverse) }
    }
  }

  private func perChannel(_ value: TensorValue, _ factor: TensorValue, _ shift: TensorValue) throws -> TensorValue {
    guard value.shape.count >= 2, factor.count == value.shape[1], shift.count == value.shape[1] else {
      throw OperatorError("has \(factor.count) factors and \(shift.count) shifts for \(value.shape)")
    }
    let shape = [factor.count] + [Int](repeating: 1, count: value.shape.count - 2)
    return try affine(value, factor: factor.reshaped(shape), shift: shift.reshaped(shape))
  }

  private func affine(_ value: TensorValue, factor: TensorValue?, shift: TensorValue?) throws -> TensorValue {
    var values = value.floats
    for (operand, isFactor) in [(factor, true), (shift, false)] {
      guard let operand else { continue }
      guard Layout.broadcast(operand.shape, value.shape) == value.shape else {
        throw OperatorError("combines \(value.shape) and \(operand.shape)")
      }
      let (sources, floats) = (Layout.sources(operand.shape, in: value.shape), operand.floats)
      for index in values.indices {
        values[index] = isFactor ? values[index] * floats[sources[index]] : values[index] + floats[sources[index]]
      }
    }
    return TensorValue(type: value.type, shape: value.shape, storage: .floats(values))
  }
}
