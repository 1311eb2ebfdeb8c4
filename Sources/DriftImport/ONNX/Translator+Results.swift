import DriftGraph

/// What each operator becomes.
extension Translator {
  /// The values of a node's outputs, in order.
  mutating func results(of node: TranslationNode) throws -> [Value] {
    switch node.op {
    case "Cast" where !Self.floats.contains(node.integer("to") ?? 1):
      throw Refusal("makes integers of a value that depends on the sample")
    case "Identity", "Dropout", "Cast", "CastLike", "Expand": return [try passed(node)]
    case "Reshape", "Flatten", "Squeeze", "Unsqueeze": return [try reshaped(node)]
    case "Transpose": return [try transposed(node)]
    case "Add", "Sum": return [try added(node, sign: 1)]
    case "Sub": return [try added(node, sign: -1)]
    case "Mul": return [try multiplied(node)]
    case "Div": return [try divided(node)]
    case "Neg": return [try scaled(try operand(node, 0), by: -1)]
    case "Pow": return [try power(node)]
    case "Relu": return [try activated(node, .relu)]
    case "Sigmoid": return [try activated(node, .sigmoid)]
    case "Tanh": return [try activated(node, .tanh)]
    case "Mish": return [try activated(node, .mish)]
    case "HardSwish": return [try activated(node, .hardSwish)]
    case "HardSigmoid": return [try hardSigmoid(node)]
    case "Elu", "Selu": return [try exponential(node)]
    case "LeakyRelu", "PRelu": return [try leaky(node)]
    case "MaxPool": return [try maximumPool(node)]
    case "Gelu": return [try activated(node, node.string("approximate") == "tanh" ? .geluTanh : .gelu)]
    case "Swish":
      guard (node.float("alpha") ?? 1) == 1 else { throw Refusal("has an alpha other than 1") }
      return [try activated(node, .silu)]
    case Recognition.activation:
      guard let function = node.string("function").flatMap(Activation.init(rawValue:)) else { throw unsupported(node) }
      return [try activated(node, function)]
    case "Softmax": return [try softmax(node)]
    case "MatMul", "Gemm", "Einsum": return [try product(node)]
    case "Attention": return [try attention(node)]
    case Recognition.standardize, Recognition.rootMeanSquare: return [try standardized(node)]
    case "LayerNormalization": return [try layerNormalization(node)]
    case "RMSNormalization": return [try layerNormalization(node)]
    case "InstanceNormalization": return [try instanceNormalization(node)]
    case "GroupNormalization": return [try groupNormalization(node)]
    case "BatchNormalization": return [try batchNormalization(node)]
    case "Conv": return [try convolution(node)]
    case "ConvTranspose": return [try transposedConvolution(node)]
    case "AveragePool", "GlobalAveragePool": return [try averagePool(node)]
    case "ReduceMean": return [try meanOfPixels(node)]
    case "Resize", "Upsample": return [try resized(node)]
    case Recognition.circularPad: return [try circularlyPadded(node)]
    case "Pad": return [try padded(node)]
    case "DepthToSpace", "SpaceToDepth": return [try shuffled(node)]
    case "Concat": return [try concatenated(node)]
    case "Split": return try split(node)
    case "Slice": return [try sliced(node)]
    case "Gather": return [try gathered(node)]
    default: throw unsupported(node)
    }
  }

  /// Codes of element types that Cast names: float, float16, double, bfloat16.
  private static let floats: Set<Int> = [1, 10, 11, 16]

  private func unsupported(_ node: TranslationNode) -> Refusal { Refusal(Hints.unsupported(node.op)) }

  private mutating func passed(_ node: TranslationNode) throws -> Value {
    guard let shape = source.shape(of: node.outputs[0]) else { throw Refusal("has an unknown shape") }
    switch try operand(node, 0) {
    case .view(let view):
      guard view.shape.reduce(1, *) == shape.reduce(1, *) else {
        throw Refusal("repeats values; let the operators behind it broadcast")
      }
      return .view(try reshaping(view, shape))
    case .logits(let logits): return .logits(logits)
    case .constant, .step: throw Refusal("has no input that depends on the sample")
    }
  }

  private mutating func reshaped(_ node: TranslationNode) throws -> Value {
    guard let shape = source.shape(of: node.outputs[0]) else { throw Refusal("has an unknown shape") }
    switch try operand(node, 0) {
    case .view(let view): return .view(try reshaping(view, shape))
    case .logits(let logits):
      guard let result = logits.reshaped(shape) else { throw Refusal("divides the products of an attention") }
      return .logits(result)
    case .constant, .step: throw Refusal("has no input that depends on the sample")
    }
  }

  private func reshaping(_ view: View, _ shape: [Int]) throws -> View {
    guard let result = view.reshaped(shape) else {
      throw Refusal("from \(view.shape) to \(shape) mixes dimensions that do not divide each other")
    }
    return result
  }

  private mutating func transposed(_ node: TranslationNode) throws -> Value {
    guard let shape = source.shape(of: node.inputs[0]) else { throw Refusal("has an unknown shape") }
    let permutation = node.integers("perm") ?? Array(shape.indices.reversed())
    guard permutation.sorted() == Array(shape.indices) else {
      throw Refusal("has perm \(permutation) for \(shape.count) dimensions")
    }
    switch try operand(node, 0) {
    case .view(let view): return .view(view.transposed(permutation))
    case .logits(var logits):
      logits.dims = permutation.map { logits.dims[$0] }
      return .logits(logits)
    case .constant, .step: throw Refusal("has no input that depends on the sample")
    }
  }

  private mutating func activated(_ node: TranslationNode, _ function: Activation) throws -> Value {
    var view = try view(node, 0)
    view.node = try append(.activation(function), [view.node])
    return .view(view)
  }

  private mutating func power(_ node: TranslationNode) throws -> Value {
    var view = try view(node, 0)
    guard try constant(node, 1).uniform == 2 else { throw Refusal("raises to a power other than 2") }
    view.node = try append(.multiply, [view.node, view.node])
    return .view(view)
  }
}
