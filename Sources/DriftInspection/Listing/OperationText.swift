import DriftGraph

/// An operation in the field's terms: what it is called, and what it is done with.
public struct OperationText: Sendable, Equatable {
  /// Such as `convolution`.
  public var term: String
  /// Such as `3x3` and `stride 2`.
  public var options: [String]

  private init(_ term: String, _ options: [String] = []) {
    self.term = term
    self.options = options
  }

  /// Describes an operation.
  /// - Parameters:
  ///   - input: shape of its first input; a 1x1 convolution of a vector is called linear.
  ///   - graph: whose parameters the operation names.
  public init(_ operation: Operation, input: Shape?, in graph: Graph) {
    switch operation {
    case .sample: self.init("sample")
    case .timestep: self.init("timestep")
    case .classLabel: self.init("class label")
    case .input: self.init("input")
    case .parameter: self.init("parameter")
    case .stepFunction: self.init("step value")
    case .sinusoidalEmbedding(_, let shift, let cosineFirst, let period):
      self.init(
        "sinusoidal embedding",
        ["shift \(Self.number(shift))", cosineFirst ? "cosines first" : "sines first", "period \(Self.number(period))"])
    case .fourierEmbedding(_, let logarithm, let cosineFirst):
      self.init(
        "Fourier embedding", (logarithm ? ["of the logarithm"] : []) + [cosineFirst ? "cosines first" : "sines first"])
    case .embedding(let table): self.init("embedding", ["\(graph.parameters[table]?.shape.first ?? 0) rows"])
    case .convolution(let convolution):
      let isPoint = convolution.taps == 1 && convolution.stride == 1
      self.init(
        isPoint && (input?.height ?? 1) == 1 ? "linear" : "convolution",
        Self.options(of: convolution, hidesKernel: isPoint && (input?.height ?? 1) == 1))
    case .depthwise(let convolution): self.init("depthwise convolution", Self.options(of: convolution, hidesKernel: false))
    case .transposedConvolution(let convolution):
      self.init(
        "transposed convolution",
        ["\(convolution.kernelHeight)x\(convolution.kernelWidth)", "stride \(convolution.stride)"]
          + (convolution.bias == nil ? ["no bias"] : []))
    case .groupNormalization(let groups, let epsilon, _, _):
      self.init("group normalization", ["\(groups) groups", "epsilon \(Self.number(epsilon))"])
    case .layerNormalization(let epsilon, let gamma, _):
      self.init("layer normalization", ["epsilon \(Self.number(epsilon))"] + (gamma == nil ? ["no gamma"] : []))
    case .rootMeanSquareNormalization(let epsilon, let gamma):
      self.init("RMS normalization", ["epsilon \(Self.number(epsilon))"] + (gamma == nil ? ["no gamma"] : []))
    case .activation(let function): self.init(Self.name(function))
    case .quantizedActivation(let range, let levels):
      self.init("quantized ReLU", ["\(levels) levels", "to \(Self.number(range))"])
    case .spiking(let operation): self.init(spiking: operation)
    case .attention(let heads, let factor):
      self.init("attention", ["\(heads) \(heads == 1 ? "head" : "heads")", "factor \(Self.number(factor))"])
    case .nearestCode(let table): self.init("nearest code", ["\(graph.parameters[table]?.shape.first ?? 0) codes"])
    case .add: self.init("add")
    case .modulate: self.init("modulate")
    case .scale(let factor): self.init("scale", ["by \(Self.number(factor))"])
    case .multiply: self.init("multiply")
    case .reciprocal: self.init("reciprocal")
    case .concatenate, .channelSlice, .concatenatePixels, .crop, .pad, .reshapePixels, .transposePixels, .broadcast, .depthToSpace,
      .spaceToDepth, .upsampleNearest, .resize, .averagePool:
      self.init(rearrangement: operation)
    }
  }

  private init(spiking operation: SpikingOperation) {
    switch operation {
    case .repeated(let steps): self.init("repeat", ["\(steps) spiking steps"])
    case .integrateAndFire(let threshold): self.init("integrate and fire", ["threshold \(Self.number(threshold))", "hard reset"])
    case .stepFactors: self.init("factors of spiking steps")
    case .weightedSum(let weights): self.init("weighted sum", ["over \(weights.count) spiking steps"])
    }
  }

  private init(rearrangement operation: Operation) {
    switch operation {
    case .channelSlice(let first, let count): self.init("channel slice", ["\(first)...\(first + count - 1)"])
    case .concatenatePixels: self.init("concatenate tokens")
    case .crop(let top, let left, _, _): self.init("crop", ["from row \(top)", "column \(left)"])
    case .pad(let padding):
      let sides = [padding.top, padding.left, padding.bottom, padding.right]
      self.init("pad", [padding.mode.rawValue, Self.sides(sides)])
    case .reshapePixels: self.init("reshape")
    case .transposePixels: self.init("transpose")
    case .broadcast: self.init("broadcast")
    case .depthToSpace(let block): self.init("depth to space", ["block \(block)"])
    case .spaceToDepth(let block): self.init("space to depth", ["block \(block)"])
    case .upsampleNearest: self.init("upsample", ["nearest", "x2"])
    case .resize(let resize): self.init("resize", [resize.method.rawValue.replacing("_", with: " ")])
    case .averagePool: self.init("average pool", ["2x2"])
    default: self.init("concatenate")
    }
  }

  private static func options(of convolution: Convolution, hidesKernel: Bool) -> [String] {
    var options = hidesKernel ? [] : ["\(convolution.kernelHeight)x\(convolution.kernelWidth)"]
    if convolution.stride > 1 { options.append("stride \(convolution.stride)") }
    let padding = [convolution.padTop, convolution.padLeft, convolution.padBottom, convolution.padRight]
    if padding.contains(where: { $0 != 0 }) { options.append("padding \(sides(padding))") }
    if convolution.bias == nil { options.append("no bias") }
    return options
  }

  /// Rows above, columns to the left, rows below, columns to the right; one number if all are the same.
  private static func sides(_ values: [Int]) -> String {
    Set(values).count == 1 ? "\(values[0])" : values.map(String.init).joined(separator: ",")
  }

  /// What an activation is called.
  static func name(_ function: Activation) -> String {
    switch function {
    case .relu: "ReLU"
    case .silu: "SiLU"
    case .gelu: "GELU"
    case .mish: "Mish"
    case .tanh: "tanh"
    case .sigmoid: "sigmoid"
    case .geluTanh: "GELU (tanh)"
    case .quickGelu: "quick GELU"
    case .elu: "ELU"
    case .hardSwish: "hard swish"
    case .hardSigmoid: "hard sigmoid"
    }
  }

  /// A whole number without its fraction.
  static func number(_ value: Float) -> String {
    value == value.rounded() && abs(value) < 1e6 ? "\(Int(value))" : "\(value)"
  }
}
