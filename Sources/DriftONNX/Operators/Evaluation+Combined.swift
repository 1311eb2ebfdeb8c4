import Foundation

/// Operators on several values that are broadcast to each other.
extension Evaluation {
  func combined() throws -> TensorValue {
    let shape = try shape()
    let operands = try inputs.indices.map { try input($0) }
    if node.op == "Where" {
      let (a, b) = (Layout.sources(operands[1].shape, in: shape), Layout.sources(operands[2].shape, in: shape))
      let choice = Layout.sources(operands[0].shape, in: shape)
      let chosen = operands[0].integers
      if operands[1].type.isFloat {
        let (x, y) = (operands[1].floats, operands[2].floats)
        return TensorValue(
          type: operands[1].type, shape: shape,
          storage: .floats(choice.indices.map { chosen[choice[$0]] != 0 ? x[a[$0]] : y[b[$0]] }))
      }
      let (x, y) = (operands[1].integers, operands[2].integers)
      return TensorValue(
        type: operands[1].type, shape: shape,
        storage: .integers(choice.indices.map { chosen[choice[$0]] != 0 ? x[a[$0]] : y[b[$0]] }))
    }
    var result = operands[0]
    for other in operands.dropFirst() {
      guard let common = Layout.broadcast(result.shape, other.shape) else {
        throw OperatorError("combines \(result.shape) and \(other.shape)")
      }
      result = try pairwise(result, other, common)
    }
    if node.op == "Mean", case .floats(let sums) = result.storage {
      result.storage = .floats(sums.map { $0 / Float(operands.count) })
    }
    return result
  }

  private func pairwise(_ a: TensorValue, _ b: TensorValue, _ shape: [Int]) throws -> TensorValue {
    let (first, second) = (Layout.sources(a.shape, in: shape), Layout.sources(b.shape, in: shape))
    func floats(_ operation: (Float, Float) -> Float) -> TensorValue {
      let (x, y) = (a.floats, b.floats)
      return TensorValue(type: a.type, shape: shape, storage: .floats(first.indices.map { operation(x[first[$0]], y[second[$0]]) }))
    }
    func integers(_ operation: (Int, Int) -> Int) -> TensorValue {
      let (x, y) = (a.integers, b.integers)
      return TensorValue(
        type: a.type, shape: shape, storage: .integers(first.indices.map { operation(x[first[$0]], y[second[$0]]) }))
    }
    func truth(_ operation: (Float, Float) -> Bool, _ exact: (Int, Int) -> Bool) -> TensorValue {
      var result = a.type.isFloat || b.type.isFloat ? floats { operation($0, $1) ? 1 : 0 } : integers { exact($0, $1) ? 1 : 0 }
      result = TensorValue(type: .bool, shape: shape, storage: .integers(result.integers))
      return result
    }
    let isFloat = a.type.isFloat || b.type.isFloat
    switch node.op {
    case "PRelu": return floats { $0 < 0 ? $0 * $1 : $0 }
    case "Add", "Sum", "Mean": return isFloat ? floats(+) : integers(&+)
    case "Sub": return isFloat ? floats(-) : integers(&-)
    case "Mul": return isFloat ? floats(*) : integers(&*)
    case "Div":
      if isFloat { return floats(/) }
      guard !b.integers.contains(0) else { throw OperatorError("divides by zero") }
      return integers { $0.dividedReportingOverflow(by: $1).partialValue }
    case "Pow":
      if a.type.isFloat { return floats { pow($0, $1) } }
      return integers { TensorValue.integer(pow(Double($0), Double($1))) }
    case "Mod":
      if node.integer("fmod", default: 0) == 1 || isFloat { return floats { fmod($0, $1) } }
      guard !b.integers.contains(0) else { throw OperatorError("divides by zero") }
      return integers { value, divisor in
        let rest = value.remainderReportingOverflow(dividingBy: divisor).partialValue
        return rest != 0 && (rest < 0) != (divisor < 0) ? rest + divisor : rest
      }
    case "Min": return isFloat ? floats { min($0, $1) } : integers { min($0, $1) }
    case "Max": return isFloat ? floats { max($0, $1) } : integers { max($0, $1) }
    case "Equal": return truth(==, ==)
    case "Less": return truth(<, <)
    case "LessOrEqual": return truth(<=, <=)
    case "Greater": return truth(>, >)
    case "GreaterOrEqual": return truth(>=, >=)
    case "And": return truth({ $0 != 0 && $1 != 0 }, { $0 != 0 && $1 != 0 })
    case "Or": return truth({ $0 != 0 || $1 != 0 }, { $0 != 0 || $1 != 0 })
    default: return truth({ ($0 != 0) != ($1 != 0) }, { ($0 != 0) != ($1 != 0) })
    }
  }

  // MARK: - Products

  func product() throws -> TensorValue {
    switch node.op {
    case "Gemm": return try general()
    case "Einsum": return try einsum()
    default: return try matrixProduct(try input(0), try input(1))
    }
  }

  private func matrixProduct(_ a: TensorValue, _ b: TensorValue) throws -> TensorValue {
    let shape = try shape()
    let left = a.shape.count == 1 ? [1] + a.shape : a.shape
    let right = b.shape.count == 1 ? b.shape + [1] : b.shape
    let (rows, depth, columns) = (left[left.count - 2], left[left.count - 1], right[right.count - 1])
    guard let batch = Layout.broadcast(Array(left.dropLast(2)), Array(right.dropLast(2))) else {
      throw OperatorError("multiplies \(left) by \(right)")
    }
    let first = Layout.sources(Array(left.dropLast(2)), in: batch)
    let second = Layout.sources(Array(right.dropLast(2)), in: batch)
    let (x, y) = (a.floats, b.floats)
    try bound([first.count, rows, columns], depth, 1)
    var result = [Float](repeating: 0, count: first.count * rows * columns)
    for index in first.indices {
      multiply(
        x, first[index] * rows * depth, y, second[index] * depth * columns, rows, depth, columns, into: &result,
        at: index * rows * columns)
    }
    return TensorValue(type: a.type, shape: shape, storage: .floats(result))
  }

  private func multiply(
    _ a: [Float], _ firstA: Int, _ b: [Float], _ firstB: Int, _ rows: Int, _ depth: Int, _ columns: Int, into result: inout [Float],
    at start: Int
  ) {
    a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        result.withUnsafeMutableBufferPointer { result in
          for row in 0..<rows {
            for k in 0..<depth {
              let factor = a[firstA + row * depth + k]
              let (line, target) = (firstB + k * columns, start + row * columns)
              for column in 0..<columns { result[target + column] += factor * b[line + column] }
            }
          }
        }
      }
    }
  }

  private func general() throws -> TensorValue {
    func matrix(_ value: TensorValue, _ isTransposed: Bool) -> TensorValue {
      guard isTransposed else { return value }
      let (rows, columns) = (value.shape[0], value.shape[1])
      return value.taking(Layout.walk([columns, rows], [1, columns]), shape: [columns, rows])
    }
    let shape = try shape()
    let a = matrix(try input(0), node.integer("transA", default: 0) != 0)
    let b = matrix(try input(1), node.integer("transB", default: 0) != 0)
    try bound(shape, a.shape[1], 1)
    var result = [Float](repeating: 0, count: shape[0] * shape[1])
    multiply(a.floats, 0, b.floats, 0, shape[0], a.shape[1], shape[1], into: &result, at: 0)
    let (alpha, beta) = (node.float("alpha", default: 1), node.float("beta", default: 1))
    if alpha != 1 { for index in result.indices { result[index] *= alpha } }
    if has(2), beta != 0 {
      let c = try input(2)
      guard Layout.broadcast(c.shape, shape) == shape else { throw OperatorError("adds \(c.shape) to \(shape)") }
      let (sources, values) = (Layout.sources(c.shape, in: shape), c.floats)
      for index in result.indices { result[index] += beta * values[sources[index]] }
    }
    return TensorValue(type: a.type, shape: shape, storage: .floats(result))
  }

  private func einsum() throws -> TensorValue {
    let operands = try inputs.indices.map { try input($0) }
    let rule = try Einsum(node.string("equation", default: ""), operands.map(\.shape))
    guard (1...2).contains(operands.count) else { throw OperatorError("has \(operands.count) operands") }
    let all = rule.labels + rule.summed
    let lengths = all.map { rule.lengths[$0] ?? 1 }
    guard let count = Layout.count(lengths), count <= 1 << 26 else { throw OperatorError("makes too large a tensor") }
    let places = zip(rule.operands, operands).map { names, operand in
      let strides = Dictionary(uniqueKeysWithValues: zip(names, Layout.strides(operand.shape)))
      return Layout.walk(lengths, all.map { strides[$0] ?? 0 })
    }
    let values = operands.map(\.floats)
    let depth = rule.summed.reduce(1) { $0 * (rule.lengths[$1] ?? 1) }
    var result = [Float](repeating: 0, count: Layout.count(rule.result) ?? 0)
    for index in result.indices {
      for place in index * depth..<(index + 1) * depth {
        result[index] += places.indices.reduce(1) { $0 * values[$1][places[$1][place]] }
      }
    }
    return TensorValue(type: operands[0].type, shape: rule.result, storage: .floats(result))
  }
}
