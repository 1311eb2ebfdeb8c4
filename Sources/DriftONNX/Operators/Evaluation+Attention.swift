import Foundation

/// ONNX's own attention (opset 23), without cache, causality and softcap.
extension Evaluation {
  func attended() throws -> TensorValue {
    let shape = try shape()
    guard node.outputs.count == 1, !has(4), !has(5), node.integer("is_causal", default: 0) == 0,
      node.float("softcap", default: 0) == 0
    else { throw OperatorError("has a cache, causality or a softcap, which is not supported") }
    let isFlat = shape.count == 3
    let (query, key, value) = (try headed(0, isFlat), try headed(1, isFlat), try headed(2, isFlat))
    let (batches, heads, rows, width) = (query.shape[0], query.shape[1], query.shape[2], query.shape[3])
    let (keys, depth) = (key.shape[2], value.shape[3])
    let others = key.shape[1]
    guard key.shape[0] == batches, value.shape[0] == batches, others > 0, heads % others == 0, key.shape[3] == width,
      Array(value.shape[1...2]) == Array(key.shape[1...2])
    else { throw OperatorError("takes \(query.shape), \(key.shape) and \(value.shape)") }
    try bound([batches, heads, rows], keys, width + depth)
    let mask = try mask([batches, heads, rows, keys])
    let factor = node.float("scale", default: 1 / Float(max(width, 1)).squareRoot())
    let (q, k, v) = (query.floats, key.floats, value.floats)
    var result: [Float] = []
    result.reserveCapacity(batches * heads * rows * depth)
    for head in 0..<batches * heads {
      // Several heads of queries may share one of keys and values.
      let other = head / heads * others + head % heads / (heads / others)
      for row in 0..<rows {
        let line = head * rows + row
        let products = (0..<keys).map { column -> Float in
          let sum = (0..<width).reduce(0.0) { $0 + Double(q[line * width + $1]) * Double(k[(other * keys + column) * width + $1]) }
          return Float(sum) * factor + (mask.isEmpty ? 0 : mask[line * keys + column])
        }
        let highest = products.max() ?? 0
        let powers = products.map { exp($0 - highest) }
        let total = powers.reduce(0.0) { $0 + Double($1) }
        for index in 0..<depth {
          let sum = (0..<keys).reduce(0.0) { $0 + Double(powers[$1]) * Double(v[(other * keys + $1) * depth + index]) }
          result.append(Float(sum / total))
        }
      }
    }
    guard isFlat else { return TensorValue(type: query.type, shape: shape, storage: .floats(result)) }
    let places = Layout.walk([batches, rows, heads, depth], [heads * rows * depth, depth, rows * depth, 1])
    return TensorValue(type: query.type, shape: shape, storage: .floats(places.map { result[$0] }))
  }

  /// An operand as [batch, heads, tokens, width].
  private func headed(_ index: Int, _ isFlat: Bool) throws -> TensorValue {
    let operand = try input(index)
    guard operand.shape.count == (isFlat ? 3 : 4) else { throw OperatorError("takes \(operand.shape) as input \(index)") }
    guard isFlat else { return operand }
    let queries = node.integer("q_num_heads", default: 1)
    let heads = index == 0 ? queries : node.integer("kv_num_heads", default: queries)
    let (batches, tokens, channels) = (operand.shape[0], operand.shape[1], operand.shape[2])
    guard heads > 0, channels % heads == 0 else { throw OperatorError("divides \(operand.shape) into \(heads) heads") }
    let shape = [batches, heads, tokens, channels / heads]
    return operand.taking(Layout.walk(shape, [tokens * channels, channels / heads, channels, 1]), shape: shape)
  }

  /// What is added to the products; nothing if there is no mask.
  private func mask(_ shape: [Int]) throws -> [Float] {
    guard has(3) else { return [] }
    let mask = try input(3)
    guard Layout.broadcast(mask.shape, shape) == shape else { throw OperatorError("has a mask of \(mask.shape)") }
    let places = Layout.sources(mask.shape, in: shape)
    let values = mask.type == .bool ? mask.integers.map { $0 == 0 ? -Float.infinity : 0 } : mask.floats
    return places.map { values[$0] }
  }
}
