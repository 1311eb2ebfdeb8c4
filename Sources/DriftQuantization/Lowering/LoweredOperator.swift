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

/// How a convolution reads its input.
enum Enlargement: UInt32 {
  /// As it is.
  case none = 0
  /// As if it were twice as large, by nearest neighbour.
  case nearest = 1
  /// The same, by four smaller convolutions, one for each phase of the output (`Parameter.phases`).
  case phases = 2
}

/// output = factor * (convolution(input) + stepVector) + residualGain * residual
struct LoweredConvolution {
  var input: Int
  var convolution: Convolution
  /// Each channel by itself, without residual and enlargement.
  var isDepthwise: Bool
  var factor: Float
  var upsample: Enlargement
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
