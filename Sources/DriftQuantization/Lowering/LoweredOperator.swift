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
    case activate(LoweredActivation)
    case attention(query: Int, key: Int, value: Int, heads: Int, factor: Float)
    case add(a: Int, b: Int, gainA: Float, gainB: Float)
    case multiply(a: Int, b: Int, activation: Activation?)
    case averagePool(input: Int)
    case upsample(input: Int)
    case concatenate(a: Int, b: Int)
    /// Each output pixel's channels are a run of values of an input: element offsets into the first input, then the second; -1 for zeros.
    case gather(inputs: [Int], offsets: [Int32])
    /// A value known at conversion.
    case load(LoadedRow)
    case nearestCode(input: Int, table: String)
    /// Integrate and fire, once for each spiking step.
    case fire(input: Int, membrane: Int, threshold: Float)
    /// The sum of earlier spiking steps times the factor, plus the input.
    case decay(input: Int, sum: Int, factor: Float)
  }
}

/// Which value of a node that depends on the timestep and class alone a tensor takes.
enum LoadedRow: Hashable {
  /// The only one.
  case fixed
  /// The class's.
  case ofClass
  /// The step's and the class's.
  case ofStep
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

/// output = gate * factor * (convolution(input) + stepVector) + residualGain * residual
struct LoweredConvolution {
  var input: Int
  var convolution: Convolution
  /// Each channel by itself, without residual and enlargement.
  var isDepthwise: Bool
  var factor: Float
  var upsample: Enlargement
  /// A value that depends on the timestep and class alone, added to every pixel.
  var stepVector: NodeID?
  /// Such a value that multiplies every pixel.
  var gate: NodeID?
  var residual: Int?
  var residualGain: Float
}

/// activation(modulation(normalization(inputs joined by channel)))
struct LoweredNormalization {
  /// What statistics are taken over.
  enum Kind: UInt32 {
    case group = 0
    case pixel = 1
    case rootMeanSquare = 2
  }

  var kind: Kind
  var inputs: [Int]
  var groups: Int
  var epsilon: Float
  /// nil: ones.
  var gamma: String?
  /// nil: zeros.
  var beta: String?
  /// A value that depends on the timestep and class alone: scales, then shifts.
  var modulation: NodeID?
  var activation: Activation?
}

/// activation(gate * input + shift), gate and shift values of the timestep and class for every channel.
struct LoweredActivation {
  var input: Int
  var activation: Activation?
  var shift: NodeID?
  var gate: NodeID?
}
