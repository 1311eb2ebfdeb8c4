/// Where the windows of a convolution or pooling lie: attributes with their defaults, and the sizes that follow.
struct Window {
  let shape: [Int]
  let kernel: [Int]
  let strides: [Int]
  let dilations: [Int]
  let groups: Int
  var before: [Int]
  private(set) var after: [Int]
  private let outputs: Int
  private let outputPadding: [Int]
  private let outputShape: [Int]?
  private let roundsUp: Bool

  init(_ rules: ShapeRules) throws {
    let node = rules.node
    shape = try rules.input(0).shape
    let rank = shape.count - 2
    guard (1...3).contains(rank) else { throw OperatorError("takes a tensor of shape \(shape)") }
    let isPool = node.op.hasSuffix("Pool")
    let weights = isPool ? [] : try rules.input(1).shape
    guard isPool || weights.count == shape.count else { throw OperatorError("has weights of \(weights) for \(shape)") }
    kernel = isPool ? node.integers("kernel_shape") ?? [] : Array(weights[2...])
    func given(_ key: String, _ fallback: Int) throws -> [Int] {
      let values = node.integers(key) ?? [Int](repeating: fallback, count: rank)
      guard values.count == rank, values.allSatisfy({ (fallback...(1 << 20)).contains($0) }) else {
        throw OperatorError("has \(key) \(values)")
      }
      return values
    }
    guard kernel.count == rank, kernel.allSatisfy({ (1...(1 << 16)).contains($0) }) else {
      throw OperatorError("has the kernel \(kernel)")
    }
    strides = try given("strides", 1)
    dilations = try given("dilations", 1)
    outputPadding = try given("output_padding", 0)
    outputShape = node.integers("output_shape")
    groups = node.integer("group", default: 1)
    guard (1...max(shape[1], 1)).contains(groups) else { throw OperatorError("has \(groups) groups of \(shape[1]) channels") }
    roundsUp = node.integer("ceil_mode", default: 0) != 0
    if node.op == "ConvTranspose" {
      guard weights[0] == shape[1], shape[1] % groups == 0 else { throw OperatorError("has weights of \(weights) for \(shape)") }
      let (product, isTooLarge) = weights[1].multipliedReportingOverflow(by: groups)
      guard !isTooLarge else { throw OperatorError("has weights of \(weights) in \(groups) groups") }
      outputs = product
    } else if isPool {
      outputs = shape[1]
    } else {
      guard weights[1].multipliedReportingOverflow(by: groups) == (shape[1], false), weights[0] % groups == 0 else {
        throw OperatorError("has weights of \(weights) in \(groups) groups for \(shape)")
      }
      outputs = weights[0]
    }
    let pads = node.integers("pads") ?? [Int](repeating: 0, count: 2 * rank)
    guard pads.count == 2 * rank, pads.allSatisfy({ (0...(1 << 20)).contains($0) }) else { throw OperatorError("has pads \(pads)") }
    (before, after) = (Array(pads[..<rank]), Array(pads[rank...]))
    let mode = node.string("auto_pad", default: "NOTSET")
    switch mode {
    case "NOTSET", "": break
    case "VALID": (before, after) = ([Int](repeating: 0, count: rank), [Int](repeating: 0, count: rank))
    case "SAME_UPPER", "SAME_LOWER":
      for index in 0..<rank {
        let size = shape[index + 2]
        let total = max(((size + strides[index] - 1) / strides[index] - 1) * strides[index] + extent(index) - size, 0)
        (before[index], after[index]) = mode == "SAME_UPPER" ? (total / 2, total - total / 2) : (total - total / 2, total / 2)
      }
    default: throw OperatorError("has auto_pad '\(mode)'")
    }
  }

  /// Pixels that a kernel spans along one axis.
  func extent(_ index: Int) -> Int { (kernel[index] - 1) * dilations[index] + 1 }

  /// Shape of a convolution's result.
  var convolution: [Int] { get throws { try sizes { $0 / $1 } } }

  /// Shape of a pooling's result.
  var pooled: [Int] {
    get throws {
      var result = try sizes { roundsUp ? ($0 + $1 - 1) / $1 : $0 / $1 }
      // No window begins in the padding behind the picture.
      for index in kernel.indices where roundsUp && (result[index + 2] - 1) * strides[index] >= shape[index + 2] + before[index] {
        result[index + 2] -= 1
      }
      return result
    }
  }

  private func sizes(_ divide: (Int, Int) -> Int) throws -> [Int] {
    try [shape[0], outputs]
      + kernel.indices.map { index in
        let room = shape[index + 2] + before[index] + after[index] - extent(index)
        guard room >= 0 else { throw OperatorError("has a kernel of \(extent(index)) for \(shape)") }
        return divide(room, strides[index]) + 1
      }
  }

  /// Shape of a transposed convolution's result.
  var transposed: [Int] {
    get throws {
      guard outputShape == nil else { throw OperatorError("has output_shape; export it with pads and output_padding") }
      return try [shape[0], outputs]
        + kernel.indices.map { index in
          let size = (shape[index + 2] - 1) * strides[index] + extent(index) + outputPadding[index] - before[index] - after[index]
          guard size > 0, size <= 1 << 24 else { throw OperatorError("makes \(size) pixels") }
          return size
        }
    }
  }
}
