/// The products of queries and keys on their way to an attention: what MatMul, scaling and Softmax make before the values join.
struct Logits {
  /// What a dimension of the tensor counts.
  enum Part { case head, query, key }

  var query: View
  var key: View
  /// Axes of channels that count heads, in the query's view and in the key's.
  var queryHeads: [Axis]
  var keyHeads: [Axis]
  /// Factor of the products.
  var factor: Float
  /// What the tensor's dimensions count, slowest first; none for a dimension of length 1.
  var dims: [[Part]]
  var isNormalized = false

  func size(_ part: Part) -> Int {
    switch part {
    case .head: queryHeads.size
    case .query: query.pixels.size
    case .key: key.pixels.size
    }
  }

  var shape: [Int] { dims.map { $0.reduce(1) { $0 * size($1) } } }

  /// The same tensor in another shape; nil where that would divide heads, queries or keys.
  func reshaped(_ shape: [Int]) -> Logits? {
    var pending = dims.flatMap { $0 }
    var result = self
    result.dims = []
    for length in shape {
      var (dim, left) = ([Part](), length)
      while left > 1 {
        // A part of one index counts nothing.
        guard let part = pending.first, left % size(part) == 0 else { return nil }
        dim.append(pending.removeFirst())
        left /= size(part)
      }
      result.dims.append(dim)
    }
    guard pending.allSatisfy({ size($0) == 1 }) else { return nil }
    return result
  }

  /// Queries and keys exchanged, where Softmax runs over what was called the queries.
  var exchanged: Logits {
    var result = self
    (result.query, result.key) = (key, query)
    (result.queryHeads, result.keyHeads) = (keyHeads, queryHeads)
    result.dims = dims.map { $0.map { $0 == .query ? .key : $0 == .key ? .query : .head } }
    return result
  }
}
