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
}

/// A value of the integer program and the node of the float graph that it stands for.
struct LoweredTensor {
  var name: String
  var node: NodeID
  var representation: Representation
  var shape: Shape
  /// Levels of 8-bit operands.
  var levelCount = OperandLevels.most

  /// The values that it can take; nil if it is no 8-bit operand.
  var levels: OperandLevels? {
    switch representation {
    case .operand: OperandLevels(levelCount)
    case .symmetricOperand: OperandLevels(levelCount, isSymmetric: true)
    case .trunk, .pair, .float: nil
    }
  }
}
