import Foundation

/// Computes one operator's results, by ONNX's definitions, in single precision as PyTorch would.
///
/// For constant folding and for what depends on the timestep alone: small tensors, so plain loops will do.
struct Evaluation {
  let rules: ShapeRules
  /// Inputs by position; nil for an optional one that is left out.
  let inputs: [TensorValue?]

  var node: ONNXNode { rules.node }

  /// Most products that one operator may sum: bounds the time that a file can ask for.
  static let largestWork = 1 << 32

  /// Refuses an operator that sums too much.
  func bound(_ shape: [Int], _ depth: Int, _ taps: Int) throws {
    let work = (shape + [depth, taps]).reduce(1.0) { $0 * Double($1) }
    guard work <= Double(Self.largestWork) else { throw OperatorError("takes \(work) multiplications to compute") }
  }

  /// An operator whose inputs are all known.
  init(_ node: ONNXNode, opset: Int, inputs: [TensorValue?]) {
    self.inputs = inputs
    rules = ShapeRules(node: node, opset: opset, inputs: inputs.map { $0.map { TensorInfo($0) } })
  }

  /// One value for each output.
  func run() throws -> [TensorValue] {
    let results = try compute()
    for result in results where Layout.count(result.shape) != result.count {
      throw OperatorError("gives \(result.count) values for the shape \(result.shape)")
    }
    return results
  }

  private func compute() throws -> [TensorValue] {
    switch node.op {
    case "Constant": return [try constant()]
    case "ConstantOfShape": return [try constantOfShape()]
    case "Range": return [try range()]
    case "Identity", "Dropout": return [try input(0)]
    case "Shape":
      let shape = try input(0).shape
      let (first, end) = rules.shapeRange(shape.count)
      let part = first < end ? Array(shape[first..<end]) : []
      return [TensorValue([part.count], integers: part)]
    case "Size": return [TensorValue([], integers: [try input(0).count])]
    case "Cast", "CastLike": return [try cast()]
    case "Reshape", "Flatten", "Squeeze", "Unsqueeze": return [try input(0).reshaped(try shape())]
    case "Transpose", "Expand", "Tile", "Slice", "Gather", "GatherElements", "GatherND", "Concat", "Split", "Pad", "DepthToSpace",
      "SpaceToDepth",
      "Trilu":
      return try rearranged()
    case "Add", "Sub", "Mul", "Div", "Pow", "Mod", "Min", "Max", "Sum", "Mean", "PRelu", "Equal", "Less", "LessOrEqual", "Greater",
      "GreaterOrEqual",
      "And",
      "Or", "Xor", "Where":
      return [try combined()]
    case "MatMul", "Gemm", "Einsum": return [try product()]
    case "ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1", "ReduceL2", "ReduceSumSquare",
      "ReduceLogSumExp", "ArgMax", "ArgMin", "CumSum":
      return [try reduced()]
    case "Softmax", "LogSoftmax", "LayerNormalization", "RMSNormalization", "InstanceNormalization", "GroupNormalization",
      "BatchNormalization":
      return [try normalized()]
    case "Conv", "ConvTranspose", "AveragePool", "MaxPool", "GlobalAveragePool", "GlobalMaxPool": return [try windowed()]
    case "Resize": return [try resized()]
    case "Attention": return [try attended()]
    case "NonZero":
      let value = try input(0)
      let floats = value.floats
      let places = floats.indices.filter { floats[$0] != 0 }
      let strides = Layout.strides(value.shape)
      return [
        TensorValue(
          [value.shape.count, places.count],
          integers: zip(value.shape, strides).flatMap { length, stride in places.map { $0 / stride % length } })
      ]
    default:
      guard let function = try elementwise() else { throw OperatorError.unknown(node.op) }
      let value = try input(0)
      if case .integers(let values) = value.storage {
        guard let exact = try exact() else { throw OperatorError("takes integers") }
        return [TensorValue(type: value.type, shape: value.shape, storage: .integers(values.map(exact)))]
      }
      return [TensorValue(type: value.type, shape: value.shape, storage: .floats(value.floats.map(function)))]
    }
  }

  func input(_ index: Int) throws -> TensorValue {
    guard index < inputs.count, let value = inputs[index] else { throw OperatorError("has no input \(index)") }
    return value
  }

  func has(_ index: Int) -> Bool { index < inputs.count && inputs[index] != nil }

  /// Shape of the first output.
  func shape() throws -> [Int] {
    guard let info = try rules.infer().first, Layout.count(info.shape) != nil else {
      throw OperatorError("makes too large a tensor")
    }
    return info.shape
  }

  // MARK: - Sources

  /// Most values that an operator may make out of nothing.
  private static let largestSource = 1 << 24

  private func constant() throws -> TensorValue {
    if let value = node.tensor("value") { return value }
    switch (node.attributes["value_float"], node.attributes["value_int"]) {
    case (.float(let value)?, _): return TensorValue([], floats: [value])
    case (_, .integer(let value)?): return TensorValue([], integers: [value])
    default: break
    }
    if let values = node.floats("value_floats") { return TensorValue([values.count], floats: values) }
    if let values = node.integers("value_ints") { return TensorValue([values.count], integers: values) }
    throw OperatorError("holds no value that can be read")
  }

  private func constantOfShape() throws -> TensorValue {
    let shape = try input(0).integers
    guard let count = Layout.count(shape), count <= Self.largestSource else { throw OperatorError("makes the shape \(shape)") }
    let element = node.tensor("value") ?? TensorValue([1], floats: [0])
    guard element.count == 1 else { throw OperatorError("repeats \(element.count) values") }
    return element.taking([Int](repeating: 0, count: count), shape: shape)
  }

  private func range() throws -> TensorValue {
    let (start, limit, delta) = (try input(0), try input(1), try input(2))
    guard start.count == 1, limit.count == 1, delta.count == 1, delta.floats[0] != 0 else {
      throw OperatorError("has no single bounds or no step")
    }
    let exact = (Double(limit.floats[0]) - Double(start.floats[0])) / Double(delta.floats[0])
    guard exact.isFinite, exact <= Double(Self.largestSource) else { throw OperatorError("counts \(exact) values") }
    let count = exact <= 0 ? 0 : Int(exact.rounded(.up))
    if start.type.isFloat {
      return TensorValue([count], floats: (0..<count).map { start.floats[0] + Float($0) * delta.floats[0] })
    }
    return TensorValue([count], integers: (0..<count).map { start.integers[0] &+ $0 &* delta.integers[0] }, type: start.type)
  }

  private func cast() throws -> TensorValue {
    let value = try input(0)
    guard let info = try rules.infer().first else { throw OperatorError("casts to nothing") }
    let type = info.type
    switch (type, value.storage) {
    case (.bool, _): return TensorValue(type: type, shape: value.shape, storage: .integers(value.floats.map { $0 != 0 ? 1 : 0 }))
    case (.float16, .floats(let values)):
      return TensorValue(type: type, shape: value.shape, storage: .floats(values.map { Float(Float16($0)) }))
    case (.bfloat16, .floats(let values)):
      return TensorValue(type: type, shape: value.shape, storage: .floats(values.map(Self.bfloat16)))
    case _ where type.isFloat: return TensorValue(type: type, shape: value.shape, storage: .floats(value.floats))
    default: return TensorValue(type: type, shape: value.shape, storage: .integers(value.integers))
    }
  }

  /// The upper half of a number, rounded to nearest even.
  private static func bfloat16(_ value: Float) -> Float {
    guard value.isFinite else { return value }
    let bits = value.bitPattern
    return Float(bitPattern: (bits &+ 0x7FFF &+ (bits >> 16 & 1)) & 0xFFFF_0000)
  }

  // MARK: - One by one

  /// The same for integers and truth values, which floats would round; nil where they have no such function.
  private func exact() throws -> ((Int) -> Int)? {
    switch node.op {
    case "Neg": return { 0 &- $0 }
    case "Abs": return { $0 < 0 ? 0 &- $0 : $0 }
    case "Sign": return { $0.signum() }
    case "Relu": return { max($0, 0) }
    case "Not": return { $0 == 0 ? 1 : 0 }
    case "Floor", "Ceil", "Round": return { $0 }
    case "Clip":
      let low = has(1) ? try input(1).integers.first ?? .min : .min
      let high = has(2) ? try input(2).integers.first ?? .max : .max
      return { min(max($0, low), high) }
    default: return nil
    }
  }

  /// The function of an operator that takes each value by itself; nil for other operators.
  private func elementwise() throws -> ((Float) -> Float)? {
    func alpha(_ fallback: Float) -> Float { node.float("alpha", default: fallback) }
    switch node.op {
    case "Neg": return { -$0 }
    case "Abs": return { abs($0) }
    case "Sqrt": return { $0.squareRoot() }
    case "Reciprocal": return { 1 / $0 }
    case "Exp": return { exp($0) }
    case "Log": return { log($0) }
    case "Sin": return { sin($0) }
    case "Cos": return { cos($0) }
    case "Tan": return { tan($0) }
    case "Erf": return { erf($0) }
    case "Tanh": return { tanh($0) }
    case "Sigmoid": return { 1 / (1 + exp(-$0)) }
    case "Relu": return { max($0, 0) }
    case "LeakyRelu": return { [slope = alpha(0.01)] in $0 < 0 ? $0 * slope : $0 }
    case "Elu": return { [scale = alpha(1)] in $0 < 0 ? scale * expm1($0) : $0 }
    case "HardSigmoid":
      return { [slope = alpha(0.2), shift = node.float("beta", default: 0.5)] in min(max(slope * $0 + shift, 0), 1) }
    case "HardSwish": return { $0 * min(max($0 / 6 + 0.5, 0), 1) }
    case "Softplus": return { $0 > 20 ? $0 : log1p(exp($0)) }
    case "Mish": return { $0 * tanh($0 > 20 ? $0 : log1p(exp($0))) }
    case "Swish": return { [slope = alpha(1)] in $0 / (1 + exp(-slope * $0)) }
    case "Gelu":
      if node.string("approximate", default: "none") == "tanh" {
        return { 0.5 * $0 * (1 + tanh(0.797_884_56 * ($0 + 0.044_715 * $0 * $0 * $0))) }
      }
      return { 0.5 * $0 * (1 + erf($0 * 0.707_106_78)) }
    case "Selu":
      return { [scale = node.float("gamma", default: 1.050_701), slope = alpha(1.673_263_2)] in
        scale * ($0 < 0 ? slope * expm1($0) : $0)
      }
    case "Celu": return { [width = alpha(1)] in max($0, 0) + min(0, width * expm1($0 / width)) }
    case "Softsign": return { $0 / (1 + abs($0)) }
    case "ThresholdedRelu": return { [threshold = alpha(1)] in $0 > threshold ? $0 : 0 }
    case "Floor": return { $0.rounded(.down) }
    case "Ceil": return { $0.rounded(.up) }
    case "Round": return { $0.rounded(.toNearestOrEven) }
    case "Sign": return { $0 > 0 ? 1 : $0 < 0 ? -1 : 0 }
    case "Not": return { $0 == 0 ? 1 : 0 }
    case "Clip":
      let low = has(1) ? try input(1).floats.first ?? -.infinity : -.infinity
      let high = has(2) ? try input(2).floats.first ?? .infinity : .infinity
      return { min(max($0, low), high) }
    default: return nil
    }
  }
}
