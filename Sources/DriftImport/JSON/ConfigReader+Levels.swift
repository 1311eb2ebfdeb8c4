extension ConfigReader {
  /// A number for each level of a network, or one for all of them.
  /// - Parameter fallback: for all levels, if the key is absent.
  mutating func integers(
    _ key: String, levels: Int, in range: ClosedRange<Int>, default fallback: Int
  ) throws(ImportError) -> [Int] {
    try forLevels(
      key, levels, default: fallback, expected: "an integer in \(range.lowerBound) to \(range.upperBound), or a list of \(levels)"
    ) { value in
      guard case .integer(let found) = value, range.contains(found) else { return nil }
      return found
    }
  }

  /// A truth value for each level of a network, or one for all of them.
  mutating func bools(_ key: String, levels: Int, default fallback: Bool) throws(ImportError) -> [Bool] {
    try forLevels(key, levels, default: fallback, expected: "true or false, or a list of \(levels)") { value in
      guard case .bool(let found) = value else { return nil }
      return found
    }
  }

  /// For each level of a network how often something is repeated in each of its layers: a number, a number for each level, or a list of
  /// numbers for each level. Nil if the key is absent or null.
  mutating func optionalRepeats(_ key: String, levels: Int, in range: ClosedRange<Int>) throws(ImportError) -> [LayerRepeats]? {
    guard optionalElements(key) != nil else { return nil }
    return try forLevels(
      key, levels, default: .same(1),
      expected: "an integer in \(range.lowerBound) to \(range.upperBound), a list of \(levels), or a list of \(levels) lists"
    ) { value in
      switch value {
      case .integer(let found) where range.contains(found): return .same(found)
      case .array(let values):
        var counts: [Int] = []
        for value in values {
          guard case .integer(let found) = value, range.contains(found) else { return nil }
          counts.append(found)
        }
        return .each(counts)
      default: return nil
      }
    }
  }

  private mutating func forLevels<Element>(
    _ key: String, _ levels: Int, default fallback: Element, expected: String, _ read: (JSONValue) -> Element?
  ) throws(ImportError) -> [Element] {
    guard has(key) else { return Array(repeating: fallback, count: levels) }
    guard let (values, isList) = optionalElements(key), !isList || values.count == levels else {
      throw wrong(key, expected: expected)
    }
    var found: [Element] = []
    for value in values {
      guard let element = read(value) else { throw wrong(key, expected: expected) }
      found.append(element)
    }
    return isList ? found : Array(repeating: found[0], count: levels)
  }
}

/// How often something is repeated in each layer of a network's level.
enum LayerRepeats: Equatable {
  /// As often in every layer.
  case same(Int)
  /// A number for each layer, in order.
  case each([Int])

  /// The number for a layer; nil if there is none.
  subscript(layer: Int) -> Int? {
    switch self {
    case .same(let count): count
    case .each(let counts): counts.indices.contains(layer) ? counts[layer] : nil
    }
  }
}
