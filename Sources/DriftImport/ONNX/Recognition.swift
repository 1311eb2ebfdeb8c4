/// Finds activations and normalizations that an exporter wrote as primitive operators, and puts one node in the place of the last of them.
///
/// The nodes in between stay; the translator asks only for what the answer needs.
struct Recognition {
  /// The operators that recognition puts in: an activation with its `function`; (x - mean) / sqrt(variance + epsilon) over `axes`; and
  /// x / sqrt(mean of x^2 + epsilon) over `axes`.
  static let activation = "spindrift.Activation"
  static let standardize = "spindrift.Standardize"
  static let rootMeanSquare = "spindrift.RootMeanSquare"

  /// The picture's other side on both sides of it, along `axis`: `before` and `after` rows or columns.
  static let circularPad = "spindrift.CircularPad"

  let nodes: [TranslationNode]
  private let producers: [String: Int]
  private let scalar: (String) -> Float?
  private let constants: (String) -> [Int]?
  private let shape: (String) -> [Int]?

  /// - Parameters:
  ///   - nodes: in topological order.
  ///   - scalar: the value that all elements of a constant have; nil for others.
  ///   - integers: the elements of a constant of integers; nil for others.
  ///   - shape: lengths of a tensor's dimensions.
  init(
    _ nodes: [TranslationNode], scalar: @escaping (String) -> Float?, integers: @escaping (String) -> [Int]?,
    shape: @escaping (String) -> [Int]?
  ) {
    self.nodes = nodes
    self.scalar = scalar
    constants = integers
    self.shape = shape
    var producers: [String: Int] = [:]
    for (index, node) in nodes.enumerated() { for output in node.outputs where !output.isEmpty { producers[output] = index } }
    self.producers = producers
  }

  /// The nodes with those replaced that end a known pattern.
  func recognized() -> [TranslationNode] {
    nodes.map { node in
      switch node.op {
      case "Mul": silu(node) ?? gelu(node) ?? mish(node) ?? normalizationByProduct(node) ?? node
      case "Div": normalizationByQuotient(node) ?? gelu(node) ?? node
      case "Concat": circularPadding(node) ?? node
      default: node
      }
    }
  }

  // MARK: - Padding

  /// The end of a dimension, the whole, and its beginning, joined.
  private func circularPadding(_ node: TranslationNode) -> TranslationNode? {
    guard node.inputs.count == 3, let dims = shape(node.inputs[1]), let last = cut(node.inputs[0]), let first = cut(node.inputs[2]),
      last.x == node.inputs[1], first.x == last.x, first.axis == last.axis,
      let axis = node.integer("axis"), (axis < 0 ? axis + dims.count : axis) == last.axis, last.range.upperBound == dims[last.axis],
      first.range.lowerBound == 0
    else { return nil }
    return TranslationNode(
      name: node.name, op: Self.circularPad, inputs: [first.x], outputs: node.outputs,
      attributes: ["axis": .integer(last.axis), "before": .integer(last.range.count), "after": .integer(first.range.count)])
  }

  /// The range that a Slice takes of one dimension.
  private func cut(_ name: String) -> (x: String, axis: Int, range: Range<Int>)? {
    guard let node = producer(name, "Slice"), node.inputs.count >= 4, let dims = shape(node.inputs[0]),
      let starts = constants(node.inputs[1]), let ends = constants(node.inputs[2]), let axes = constants(node.inputs[3]),
      starts.count == 1, ends.count == 1, axes.count == 1,
      node.inputs.count < 5 || node.inputs[4].isEmpty || constants(node.inputs[4]) == [1]
    else { return nil }
    let axis = axes[0] < 0 ? axes[0] &+ dims.count : axes[0]
    guard dims.indices.contains(axis) else { return nil }
    func bound(_ place: Int) -> Int { min(max(place < 0 ? place &+ dims[axis] : place, 0), dims[axis]) }
    let (start, end) = (bound(starts[0]), bound(ends[0]))
    return start < end ? (node.inputs[0], axis, start..<end) : nil
  }

  // MARK: - Activations

  private func activation(_ function: String, of input: String, at node: TranslationNode) -> TranslationNode {
    TranslationNode(
      name: node.name, op: Self.activation, inputs: [input], outputs: node.outputs, attributes: ["function": .string(function)])
  }

  /// x * sigmoid(x), x * sigmoid(1.702 x), and x * hard sigmoid of x.
  private func silu(_ node: TranslationNode) -> TranslationNode? {
    for (x, gate) in pairs(node) {
      if let line = producer(gate, "HardSigmoid"), line.inputs[0] == x, abs((line.float("alpha") ?? 0.2) - 1 / 6) < 1e-6,
        line.float("beta") ?? 0.5 == 0.5
      {
        return activation("hard_swish", of: x, at: node)
      }
      guard let sigmoid = producer(gate, "Sigmoid") else { continue }
      if sigmoid.inputs[0] == x { return activation("silu", of: x, at: node) }
      let argument = factors(sigmoid.inputs[0])
      if argument.tensors == [x], abs(argument.factor - 1.702) < 1e-4 { return activation("quick_gelu", of: x, at: node) }
    }
    return nil
  }

  /// x * tanh(softplus(x)).
  private func mish(_ node: TranslationNode) -> TranslationNode? {
    for (x, gate) in pairs(node) {
      if let tanh = producer(gate, "Tanh"), let softplus = producer(tanh.inputs[0], "Softplus"), softplus.inputs[0] == x {
        return activation("mish", of: x, at: node)
      }
    }
    return nil
  }

  /// x/2 * (1 + erf(x / sqrt 2)), or 1 + tanh(sqrt(2/pi) * (x + 0.044715 x^3)), with the factors in any order.
  private func gelu(_ node: TranslationNode) -> TranslationNode? {
    let product = factors(node.outputs[0])
    guard abs(product.factor - 0.5) < 1e-5, product.tensors.count == 2 else { return nil }
    for (x, gate) in [(product.tensors[0], product.tensors[1]), (product.tensors[1], product.tensors[0])] {
      guard let sum = producer(gate, "Add"), let curve = summand(sum, besides: 1), let function = producer(curve) else { continue }
      if function.op == "Erf" {
        let argument = factors(function.inputs[0])
        if argument.tensors == [x], abs(argument.factor - 0.707_106_78) < 1e-4 { return activation("gelu", of: x, at: node) }
      } else if function.op == "Tanh", isCubic(function.inputs[0], x) {
        return activation("gelu_tanh", of: x, at: node)
      }
    }
    return nil
  }

  /// sqrt(2/pi) * (x + 0.044715 x^3), or sqrt(2/pi) * x * (1 + 0.044715 x^2).
  private func isCubic(_ name: String, _ x: String) -> Bool {
    let product = factors(name)
    guard abs(product.factor - 0.797_884_56) < 1e-4 else { return false }
    func isPower(_ name: String, _ exponent: Int) -> Bool {
      let power = factors(name)
      guard abs(power.factor - 0.044_715) < 1e-5 else { return false }
      return power.tensors == [String](repeating: x, count: exponent)
    }
    if product.tensors.count == 1, let sum = producer(product.tensors[0], "Add") {
      return pairs(sum).contains { $0.0 == x && isPower($0.1, 3) }
    }
    guard product.tensors.count == 2, product.tensors.contains(x),
      let sum = product.tensors.lazy.compactMap({ producer($0, "Add") }).first, let square = summand(sum, besides: 1)
    else { return false }
    return isPower(square, 2)
  }

  // MARK: - Normalizations

  /// (x - mean) / sqrt(variance + epsilon), or x / sqrt(mean of x^2 + epsilon).
  private func normalizationByQuotient(_ node: TranslationNode) -> TranslationNode? {
    guard node.inputs.count == 2, let deviation = deviation(node.inputs[1], isInverse: false) else { return nil }
    return normalization(node, of: node.inputs[0], deviation)
  }

  /// The same as a product with the deviation's reciprocal.
  private func normalizationByProduct(_ node: TranslationNode) -> TranslationNode? {
    for (x, inverse) in pairs(node) {
      if let deviation = deviation(inverse, isInverse: true), let result = normalization(node, of: x, deviation) { return result }
    }
    return nil
  }

  private struct Deviation {
    /// What a variance was written of.
    enum Source {
      /// The mean of these.
      case squares(String)
      /// The mean of the squares of this less the square of its mean.
      case moments(String)
    }

    var source: Source
    var axes: [Int]
    var epsilon: Float
    /// What the variance was multiplied by, as n / (n - 1) where it is unbiased.
    var factor: Float
  }

  private func normalization(_ node: TranslationNode, of dividend: String, _ deviation: Deviation) -> TranslationNode? {
    func found(_ op: String, _ input: String) -> TranslationNode {
      // x / sqrt(f v + e) = x / sqrt(v + e / f) / sqrt(f).
      TranslationNode(
        name: node.name, op: op, inputs: [input], outputs: node.outputs,
        attributes: [
          "axes": .integers(deviation.axes), "epsilon": .float(deviation.epsilon / deviation.factor),
          "factor": .float(1 / deviation.factor.squareRoot()),
        ])
    }
    func isCentered(_ x: String, _ axes: [Int]) -> Bool { centered(dividend).map { $0 == (x, axes) } == true }
    switch deviation.source {
    case .moments(let x): return isCentered(x, deviation.axes) ? found(Self.standardize, x) : nil
    case .squares(let squares):
      guard let base = squareRoot(squares) else { return nil }
      if let (x, axes) = centered(base), base == dividend || isCentered(x, axes) {
        return axes == deviation.axes ? found(Self.standardize, x) : nil
      }
      return base == dividend ? found(Self.rootMeanSquare, base) : nil
    }
  }

  /// x of x * x or x^2.
  private func squareRoot(_ name: String) -> String? {
    guard let node = producer(name), node.inputs.count == 2 else { return nil }
    if node.op == "Mul", node.inputs[0] == node.inputs[1] { return node.inputs[0] }
    return node.op == "Pow" && scalar(node.inputs[1]) == 2 ? node.inputs[0] : nil
  }

  /// x and the axes of x - mean(x).
  private func centered(_ name: String) -> (String, [Int])? {
    guard let difference = producer(name, "Sub"), let (x, axes) = mean(difference.inputs[1]), x == difference.inputs[0] else {
      return nil
    }
    return (x, axes)
  }

  /// The input and axes of a mean that keeps its dimensions, or gets them back by a reshape (of `shown`, the same value later);
  /// as a mean, or as a sum and a quotient.
  private func mean(_ name: String, seenAs shown: String? = nil) -> (String, [Int])? {
    guard let node = unwrapped(name) else { return nil }
    switch node.op {
    case "ReduceMean":
      guard let (x, axes) = reduction(node), keeps(shown ?? name, x, axes) else { return nil }
      return (x, axes)
    case "Div", "Mul":
      for (value, constant) in pairs(node) {
        guard let factor = scalar(constant), let sum = unwrapped(value), sum.op == "ReduceSum", let (x, axes) = reduction(sum),
          let dims = shape(x), keeps(shown ?? name, x, axes)
        else { continue }
        let count = Float(axes.reduce(1) { $0 * dims[$1] })
        if node.op == "Mul" ? abs(factor * count - 1) < 1e-5 : factor == count && value == node.inputs[0] { return (x, axes) }
      }
      return nil
    default: return nil
    }
  }

  /// The node that makes a value, behind nodes that only change how its dimensions are counted.
  private func unwrapped(_ name: String) -> TranslationNode? {
    var (name, depth) = (name, 0)
    while let node = producer(name), ["Reshape", "Unsqueeze", "Squeeze", "Identity", "Cast"].contains(node.op), depth < 8 {
      (name, depth) = (node.inputs[0], depth + 1)
    }
    return producer(name)
  }

  private func reduction(_ node: TranslationNode) -> (String, [Int])? {
    let given = node.integers("axes") ?? (node.inputs.count > 1 ? constants(node.inputs[1]) : nil)
    guard let axes = given, let rank = shape(node.inputs[0])?.count else { return nil }
    let places = axes.map { $0 < 0 ? $0 + rank : $0 }.sorted()
    return places.allSatisfy((0..<rank).contains) && Set(places).count == places.count ? (node.inputs[0], places) : nil
  }

  /// Whether a reduced tensor has a dimension of length 1 for each that is gone, so that it is broadcast to what it was made of.
  private func keeps(_ name: String, _ x: String, _ axes: [Int]) -> Bool {
    guard var dims = shape(x) else { return false }
    for axis in axes { dims[axis] = 1 }
    return shape(name) == dims
  }

  /// sqrt(mean + epsilon) or its reciprocal, in the ways in which it is written.
  private func deviation(_ name: String, isInverse: Bool) -> Deviation? {
    guard let node = producer(name) else { return nil }
    if isInverse {
      switch node.op {
      case "Reciprocal": return deviation(node.inputs[0], isInverse: false)
      case "Div": return scalar(node.inputs[0]) == 1 ? deviation(node.inputs[1], isInverse: false) : nil
      case "Pow": return scalar(node.inputs[1]) == -0.5 ? variance(node.inputs[0]) : nil
      case "Sqrt":
        guard let inner = producer(node.inputs[0]) else { return nil }
        if inner.op == "Reciprocal" { return variance(inner.inputs[0]) }
        return inner.op == "Div" && scalar(inner.inputs[0]) == 1 ? variance(inner.inputs[1]) : nil
      default: return nil
      }
    }
    switch node.op {
    case "Sqrt": return variance(node.inputs[0])
    case "Pow": return scalar(node.inputs[1]) == 0.5 ? variance(node.inputs[0]) : nil
    default: return nil
    }
  }

  private func variance(_ name: String) -> Deviation? {
    guard let sum = producer(name, "Add") else { return nil }
    for (value, constant) in pairs(sum) {
      guard let epsilon = scalar(constant) else { continue }
      for (inner, factor) in scalings(value) where factor > 0 && factor.isFinite {
        if let (squares, axes) = mean(inner, seenAs: value) {
          return Deviation(source: .squares(squares), axes: axes, epsilon: epsilon, factor: factor)
        }
        if let (x, axes) = moments(inner) { return Deviation(source: .moments(x), axes: axes, epsilon: epsilon, factor: factor) }
      }
    }
    return nil
  }

  /// A value as it is, and as what it is a multiple of, with the factor.
  private func scalings(_ name: String) -> [(String, Float)] {
    var result: [(String, Float)] = [(name, 1)]
    while result.count < 5, let (last, factor) = result.last, let node = unwrapped(last), node.op == "Mul" || node.op == "Div" {
      let constants = pairs(node).lazy.compactMap { value, constant in scalar(constant).map { (value, $0) } }
      guard let (value, scale) = constants.first, node.op == "Mul" || value == node.inputs[0] else { break }
      result.append((value, node.op == "Mul" ? factor * scale : factor / scale))
    }
    return result
  }

  /// x and the axes of mean(x^2) - mean(x)^2, which some keep from falling below 0.
  private func moments(_ name: String, depth: Int = 0) -> (String, [Int])? {
    guard depth < 4, let node = producer(name) else { return nil }
    switch node.op {
    case "Relu", "Abs": return moments(node.inputs[0], depth: depth + 1)
    case "Max", "Clip":
      guard node.inputs.count >= 2 else { return nil }
      if node.op == "Max", scalar(node.inputs[0]) == 0 { return moments(node.inputs[1], depth: depth + 1) }
      return scalar(node.inputs[1]) == 0 && (node.inputs.count < 3 || node.inputs[2].isEmpty)
        ? moments(node.inputs[0], depth: depth + 1) : nil
    case "Sub":
      guard let (squares, axes) = mean(node.inputs[0]), let x = squareRoot(squares), let middle = squareRoot(node.inputs[1]),
        let (same, others) = mean(middle), same == x, others == axes
      else { return nil }
      return (x, axes)
    default: return nil
    }
  }

  // MARK: - Looking back

  private static let binary: Set = ["Add", "Sub", "Mul", "Div", "Pow"]

  private func producer(_ name: String, _ op: String? = nil) -> TranslationNode? {
    guard let index = producers[name], op == nil || nodes[index].op == op, !nodes[index].inputs.isEmpty else { return nil }
    // Of a node that is refused later the inputs may be too few.
    guard nodes[index].inputs.count >= 2 || !Self.binary.contains(nodes[index].op) else { return nil }
    return nodes[index]
  }

  /// Both orders of two inputs.
  private func pairs(_ node: TranslationNode) -> [(String, String)] {
    guard node.inputs.count == 2 else { return [] }
    return [(node.inputs[0], node.inputs[1]), (node.inputs[1], node.inputs[0])]
  }

  /// The other summand where one is a constant.
  private func summand(_ sum: TranslationNode, besides constant: Float) -> String? {
    pairs(sum).first { scalar($0.1) == constant }?.0
  }

  /// A product taken apart: its constant factor, and its other factors in the order in which they are written.
  private func factors(_ name: String, depth: Int = 0) -> (factor: Float, tensors: [String]) {
    guard depth < 8, let node = producer(name) else { return (1, [name]) }
    switch node.op {
    case "Mul" where node.inputs.count == 2:
      if let factor = scalar(node.inputs[0]) {
        let rest = factors(node.inputs[1], depth: depth + 1)
        return (factor * rest.factor, rest.tensors)
      }
      if let factor = scalar(node.inputs[1]) {
        let rest = factors(node.inputs[0], depth: depth + 1)
        return (factor * rest.factor, rest.tensors)
      }
      let (a, b) = (factors(node.inputs[0], depth: depth + 1), factors(node.inputs[1], depth: depth + 1))
      return (a.factor * b.factor, a.tensors + b.tensors)
    case "Div" where node.inputs.count == 2:
      guard let divisor = scalar(node.inputs[1]), divisor != 0 else { return (1, [name]) }
      let rest = factors(node.inputs[0], depth: depth + 1)
      return (rest.factor / divisor, rest.tensors)
    case "Pow":
      guard let exponent = scalar(node.inputs[1]), exponent == 2 || exponent == 3 else { return (1, [name]) }
      return (1, [String](repeating: node.inputs[0], count: Int(exponent)))
    default: return (1, [name])
    }
  }
}

extension TranslationNode {
  /// What recognition found here; nil for an operator of the model's own.
  var patternName: String? {
    switch op {
    case Recognition.activation: string("function")
    case Recognition.standardize: "normalization"
    case Recognition.rootMeanSquare: "root mean square normalization"
    default: nil
    }
  }
}
