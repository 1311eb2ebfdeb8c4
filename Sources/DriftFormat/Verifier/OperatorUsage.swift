import CDriftFormat

/// What an operator's opcode makes of its record: all that it does not use must be zero or absent.
struct OperatorUsage {
  /// Attributes of an operator beyond its tensors and constants. (An `OptionSet` would bring arrays along, which boards do not have.)
  struct Fields {
    var kernel = false
    var upsample = false
    var activation = false
    var groups = false
    var heads = false
    var epsilon = false
    var gain = false
    var gainA = false
    var step = false
    var gate = false
    var threshold = false
    /// The largest value of `mode`.
    var mode: UInt32 = 0
  }

  /// Inputs that must be present, and how many more may be.
  var inputs: Int
  var optionalInputs = 0
  /// Bit i: constant i must be present. All others must be absent.
  var constants: UInt32 = 0
  var fields = Fields()

  /// Nil for an unknown opcode.
  init?(of operation: drift_operator) {
    let table: UInt32 = operation.activation >= DRIFT_ACTIVATION_TABLE.rawValue ? 4 : 0
    switch operation.opcode {
    case DRIFT_OP_QUANTIZE.rawValue, DRIFT_OP_AVERAGE_POOL.rawValue, DRIFT_OP_UPSAMPLE.rawValue:
      inputs = 1
    case DRIFT_OP_CONVOLUTION.rawValue:
      (inputs, optionalInputs) = (1, 3)
      constants = operation.hasMembranes ? 0b11111 : 0b1111
      fields = Fields(kernel: true, upsample: true, gain: operation.inputs.1 != .absent, step: true, gate: true)
    case DRIFT_OP_DEPTHWISE.rawValue:
      inputs = 1
      constants = 0b1111
      fields = Fields(kernel: true, step: true, gate: true)
    case DRIFT_OP_NORMALIZE.rawValue:
      (inputs, optionalInputs) = (1, operation.mode == DRIFT_NORMALIZATION_GROUP.rawValue ? 1 : 0)
      constants = 0b0011 | table
      fields = Fields(activation: true, groups: true, epsilon: true, step: true, mode: DRIFT_NORMALIZATION_RMS.rawValue)
    case DRIFT_OP_ATTENTION.rawValue:
      inputs = 3
      constants = 0b0001
      fields = Fields(heads: true, gain: true)
    case DRIFT_OP_ADD.rawValue:
      inputs = 2
      fields = Fields(gain: true, gainA: true)
    case DRIFT_OP_CONCATENATE.rawValue:
      inputs = 2
    case DRIFT_OP_ACTIVATE.rawValue:
      inputs = 1
      constants = table
      fields = Fields(activation: true, step: true, gate: true)
    case DRIFT_OP_MULTIPLY.rawValue:
      inputs = 2
      constants = table
      fields = Fields(activation: true)
    case DRIFT_OP_LOAD.rawValue:
      inputs = 0
      constants = 0b0001
      fields = Fields(mode: DRIFT_LOAD_STEP.rawValue)
    case DRIFT_OP_GATHER.rawValue:
      (inputs, optionalInputs) = (1, 1)
      constants = 0b0001
    case DRIFT_OP_CODEBOOK.rawValue:
      inputs = 1
      constants = 0b0001
      fields = Fields(gain: true)
    case DRIFT_OP_SEND.rawValue:
      inputs = 2
      fields = Fields(threshold: true)
    case DRIFT_OP_FIRE.rawValue, DRIFT_OP_DECAY.rawValue:
      inputs = 2
      fields = Fields(gain: true)
    default:
      return nil
    }
  }
}
