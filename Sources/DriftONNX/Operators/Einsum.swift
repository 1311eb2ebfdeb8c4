/// An einsum of one or two operands without ellipsis.
struct Einsum {
  let operands: [[Character]]
  let labels: [Character]
  /// Length of each label.
  let lengths: [Character: Int]
  /// Shape of the result.
  var result: [Int] { labels.map { lengths[$0] ?? 1 } }
  /// Labels that are summed over.
  let summed: [Character]

  init(_ equation: String, _ shapes: [[Int]]) throws {
    let text = equation.filter { $0 != " " }
    guard let arrow = text.range(of: "->"), !text.contains(".") else { throw OperatorError("has the equation '\(equation)'") }
    operands = text[..<arrow.lowerBound].split(separator: ",", omittingEmptySubsequences: false).map(Array.init)
    labels = Array(text[arrow.upperBound...])
    guard operands.count == shapes.count, zip(operands, shapes).allSatisfy({ $0.count == $1.count && Set($0).count == $0.count })
    else {
      throw OperatorError("has the equation '\(equation)' for \(shapes)")
    }
    var lengths: [Character: Int] = [:]
    for (names, shape) in zip(operands, shapes) {
      for (name, length) in zip(names, shape) {
        guard lengths[name] == nil || lengths[name] == length else {
          throw OperatorError("has the equation '\(equation)' for \(shapes)")
        }
        lengths[name] = length
      }
    }
    guard labels.allSatisfy({ lengths[$0] != nil }), Set(labels).count == labels.count else {
      throw OperatorError("has the equation '\(equation)'")
    }
    self.lengths = lengths
    let kept = Set(labels)
    summed = lengths.keys.filter { !kept.contains($0) }.sorted()
  }
}
