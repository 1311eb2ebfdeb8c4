import DriftGraph

/// One operator of the integer program; tensors are indices into `LoweredProgram.tensors`.
struct LoweredOperator {
  var name: String
  var kind: Kind
  var output: Int

  enum Kind {
    case quantize(input: Int)
    case convolution(LoweredConvolution)
    case normalize(LoweredNormalization)
    case activate(input: Int, Activation)
    case attention(query: Int, key: Int, value: Int, heads: Int, factor: Float)
    case add(a: Int, b: Int, gainA: Float, gainB: Float)
    case averagePool(input: Int)
    case upsample(input: Int)
    case concatenate(a: Int, b: Int)
  }
}

/// output = factor * (convolution(input) + stepVector) + residualGain * residual
struct LoweredConvolution {
  var input: Int
  var convolution: Convolution
  var factor: Float
  var upsample: Bool
  /// A value that depends on the timestep and class alone, added to every pixel.
  var stepVector: NodeID?
  var residual: Int?
  var residualGain: Float
}

/// activation(modulation(groupNormalization(inputs joined by channel)))
struct LoweredNormalization {
  var inputs: [Int]
  var groups: Int
  var epsilon: Float
  var gamma: String
  var beta: String
  /// A value that depends on the timestep and class alone: scales, then shifts.
  var modulation: NodeID?
  var activation: Activation?
}
