import DriftCalibration
import DriftGraph

/// How an integer program holds a value.
enum Representation: Hashable {
  /// int16, one scale per step group.
  case trunk
  /// int8 with zero point.
  case operand
  /// int8 with zero in the middle: query, key, value.
  case symmetricOperand
  /// 16 bits as two int8 planes.
  case pair
  case float
  /// int32 that stays from one spiking step to the next: membranes.
  case membrane
  /// float32 that stays so: the sum of the steps' answers.
  case sum
}

/// A value of the integer program and the node of the float graph that it stands for.
struct LoweredTensor {
  var name: String
  var node: NodeID
  var representation: Representation
  var shape: Shape
  /// What the network itself says its values are: zero or one, or the levels of a quantized activation; nil: calibration chooses.
  var trained: TrainedLevels?
  /// Levels of 8-bit operands.
  var levelCount = OperandLevels.most
  /// How much more clipping counts than rounding; nil: the levels' own weight.
  var clippingWeight: Double?

  /// The values that it can take; nil if it is no 8-bit operand.
  var levels: OperandLevels? {
    switch representation {
    case .operand: OperandLevels(trained?.count ?? levelCount, clippingWeight: clippingWeight)
    case .symmetricOperand: OperandLevels(levelCount, isSymmetric: true, clippingWeight: clippingWeight)
    case .trunk, .pair, .float, .membrane, .sum: nil
    }
  }
}

/// Values that a network was trained with: 0 and so many steps above it.
struct TrainedLevels {
  /// Steps from the least to the greatest value.
  var count: Int
  /// Of one step.
  var scale: Float

  /// As an 8-bit operand, which begins at -128.
  var range: OperandRange { OperandRange(scale: scale, zeroPoint: -128) }
}
