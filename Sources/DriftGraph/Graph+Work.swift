extension Graph {
  /// For each node, the multiply-accumulates of one evaluation: of convolutions and linear layers those of every output pixel (zeros of the
  /// padding included), of attention the products of queries and keys and of weights and values, of a codebook the distances. Other
  /// operations count nothing. Values with several spiking steps count once a step. `Int.max` where the number is larger.
  public func multiplyAccumulates() -> [Int] {
    var steps: [Int] = []
    return nodes.map { node in
      let inherited = node.inputs.map { steps[$0.index] }.max() ?? 1
      switch node.operation {
      case .spiking(.repeated(let count)): steps.append(max(count, 1))
      case .spiking(.weightedSum): steps.append(1)
      default: steps.append(inherited)
      }
      return Self.product(inherited, multiplyAccumulates(of: node))
    }
  }

  /// Values of the parameters that a node reads.
  public func parameterCount(of node: Node) -> Int {
    node.operation.parameterKeys.reduce(0) { $0 + (parameters[$1]?.values.count ?? 0) }
  }

  /// Values of all parameters.
  public var parameterCount: Int { parameters.values.reduce(0) { $0 + $1.values.count } }

  private func multiplyAccumulates(of node: Node) -> Int {
    let inputs = node.inputs.map { self[$0].shape }
    switch node.operation {
    case .convolution(let convolution):
      return Self.product(node.shape.count, inputs[0].channels, convolution.taps)
    case .depthwise(let convolution):
      return Self.product(node.shape.count, convolution.taps)
    case .transposedConvolution(let convolution):
      return Self.product(inputs[0].count, node.shape.channels, convolution.kernelHeight, convolution.kernelWidth)
    case .attention:
      return Self.product(inputs[0].pixels, inputs[1].pixels, inputs[0].channels + inputs[2].channels)
    case .nearestCode(let table):
      return Self.product(inputs[0].pixels, parameters[table]?.values.count ?? 0)
    default:
      return 0
    }
  }

  /// A product that stops at `Int.max`.
  private static func product(_ factors: Int...) -> Int {
    factors.reduce(1) { product, factor in
      let (result, overflows) = product.multipliedReportingOverflow(by: factor)
      return overflows ? .max : result
    }
  }
}
