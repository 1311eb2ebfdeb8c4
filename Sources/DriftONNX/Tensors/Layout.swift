/// Index arithmetic of row-major tensors.
enum Layout {
  /// Most elements that a tensor may have: bounds every allocation that a file can ask for.
  static let limit = 1 << 32

  /// Number of elements of a shape; nil if a length is negative or the product of those above 0 leaves the limit.
  static func count(_ shape: [Int]) -> Int? {
    guard shape.count <= 8 else { return nil }
    var product = 1
    for length in shape {
      guard length >= 0 else { return nil }
      // Products of a part of the dimensions are bounded too where another dimension is 0.
      let (next, isTooLarge) = product.multipliedReportingOverflow(by: max(length, 1))
      guard !isTooLarge, next <= limit else { return nil }
      product = next
    }
    return shape.contains(0) ? 0 : product
  }

  /// Elements from one index to the next, of each dimension.
  static func strides(_ shape: [Int]) -> [Int] {
    var result = [Int](repeating: 1, count: shape.count)
    for index in shape.indices.dropLast().reversed() { result[index] = result[index + 1] * shape[index + 1] }
    return result
  }

  /// The shape that two shapes are broadcast to; nil if they do not fit.
  static func broadcast(_ a: [Int], _ b: [Int]) -> [Int]? {
    let rank = max(a.count, b.count)
    var result: [Int] = []
    for index in 0..<rank {
      let one = index < rank - a.count ? 1 : a[index - (rank - a.count)]
      let other = index < rank - b.count ? 1 : b[index - (rank - b.count)]
      guard one == other || one == 1 || other == 1 else { return nil }
      result.append(one == 1 ? other : one)
    }
    return result
  }

  /// For every element of `result`, the index of the element of `shape` that is broadcast to it.
  static func sources(_ shape: [Int], in result: [Int]) -> [Int] {
    let own = strides(shape)
    var steps = [Int](repeating: 0, count: result.count)
    for index in shape.indices where shape[index] != 1 { steps[result.count - shape.count + index] = own[index] }
    return walk(result, steps)
  }

  /// For every element of a shape, in order, `first` plus the sum of its indices times `steps`.
  static func walk(_ shape: [Int], _ steps: [Int], first: Int = 0) -> [Int] {
    guard let total = count(shape), total > 0 else { return [] }
    return [Int](unsafeUninitializedCapacity: total) { buffer, initialized in
      buffer[0] = first
      var filled = 1
      // Each dimension, fastest first, repeats what lies behind it.
      for index in shape.indices.reversed() {
        let block = filled
        for repetition in 1..<max(shape[index], 1) {
          let shift = repetition * steps[index]
          for position in 0..<block { buffer[repetition * block + position] = buffer[position] + shift }
        }
        filled = block * max(shape[index], 1)
      }
      initialized = total
    }
  }

  /// A dimension counted from the end if negative; nil if there is none.
  static func axis(_ number: Int, rank: Int) -> Int? {
    let axis = number < 0 ? number + rank : number
    return axis >= 0 && axis < rank ? axis : nil
  }
}
