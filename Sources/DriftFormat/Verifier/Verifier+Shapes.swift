import CDriftFormat

/// A set of tensor types: bit t stands for type t.
struct TypeSet {
  let bits: UInt64

  private init(bits: UInt64) { self.bits = bits }

  static var float32: TypeSet { TypeSet(bits: 1 &<< UInt64(DRIFT_TYPE_FLOAT32.rawValue)) }
  static var int16: TypeSet { TypeSet(bits: 1 &<< UInt64(DRIFT_TYPE_INT16.rawValue)) }
  static var int8: TypeSet { TypeSet(bits: 1 &<< UInt64(DRIFT_TYPE_INT8.rawValue)) }
  static var events: TypeSet { TypeSet(bits: 1 &<< UInt64(DRIFT_TYPE_EVENTS.rawValue)) }
  static var int32: TypeSet { TypeSet(bits: 1 &<< UInt64(DRIFT_TYPE_INT32.rawValue)) }
  static var pair: TypeSet { TypeSet(bits: 1 &<< UInt64(DRIFT_TYPE_INT8_PAIR.rawValue)) }

  static func | (one: TypeSet, other: TypeSet) -> TypeSet { TypeSet(bits: one.bits | other.bits) }

  /// Whether a type, which is known to be valid, is in the set.
  func contains(_ type: UInt32) -> Bool { bits & (1 &<< UInt64(type)) != 0 }
}

extension Verifier {
  /// An input that is known to be present.
  func input(_ operation: drift_operator, _ position: Int) -> drift_tensor {
    file.tensors[Int(operation.input(position))]
  }

  func output(_ operation: drift_operator) -> drift_tensor {
    file.tensors[Int(operation.output)]
  }

  func verifyInputType(_ operation: drift_operator, _ index: Int, _ position: Int, _ allowed: TypeSet) throws(DriftError) {
    let type = input(operation, position).type
    guard allowed.contains(type) else {
      throw operatorError(
        .inputTypeMismatch, index, DRIFT_AT_operator_inputs + position * 4, expected: allowed.bits, found: UInt64(type))
    }
  }

  func verifyOutputType(_ operation: drift_operator, _ index: Int, _ allowed: TypeSet) throws(DriftError) {
    let type = output(operation).type
    guard allowed.contains(type) else {
      throw operatorError(
        .outputTypeMismatch, index, DRIFT_AT_operator_output, expected: allowed.bits, found: UInt64(type))
    }
  }

  /// An input has the height, width and (if given) channels that the operator asks for.
  func verifyInputShape(
    _ operation: drift_operator, _ index: Int, _ position: Int, height: UInt32, width: UInt32, channels: UInt32?
  ) throws(DriftError) {
    let tensor = input(operation, position)
    let field = DRIFT_AT_operator_inputs + position * 4
    guard tensor.height == height else {
      throw operatorError(.inputShapeMismatch, index, field, expected: UInt64(height), found: UInt64(tensor.height))
    }
    guard tensor.width == width else {
      throw operatorError(.inputShapeMismatch, index, field, expected: UInt64(width), found: UInt64(tensor.width))
    }
    guard channels == nil || tensor.channels == channels else {
      throw operatorError(
        .inputShapeMismatch, index, field, expected: UInt64(channels ?? 0), found: UInt64(tensor.channels))
    }
  }

  /// The output's shape is the one that follows from inputs and attributes.
  func verifyOutputShape(
    _ operation: drift_operator, _ index: Int, height: UInt32, width: UInt32, channels: UInt32
  ) throws(DriftError) {
    let tensor = output(operation)
    guard tensor.height == height else {
      throw outputShapeError(index, expected: height, found: tensor.height)
    }
    guard tensor.width == width else {
      throw outputShapeError(index, expected: width, found: tensor.width)
    }
    guard tensor.channels == channels else {
      throw outputShapeError(index, expected: channels, found: tensor.channels)
    }
  }

  func outputShapeError(_ index: Int, expected: UInt32, found: UInt32) -> DriftError {
    operatorError(.outputShapeMismatch, index, DRIFT_AT_operator_output, expected: UInt64(expected), found: UInt64(found))
  }

  /// A constant has as many outputs as the operator has channels.
  func verifyConstantOutputs(_ operation: drift_operator, _ index: Int, _ position: Int, _ outputs: UInt32) throws(DriftError) {
    let found = file.constants[Int(operation.constant(position))].outputs
    guard found == outputs else {
      throw operatorError(
        .constantShapeMismatch, index, DRIFT_AT_operator_constants + position * 4, expected: UInt64(outputs), found: UInt64(found))
    }
  }

  /// Columns of the step table, if the operator reads any, lie inside it.
  func verifyStepColumns(
    _ operation: drift_operator, _ index: Int, count: UInt32, scales: ClosedRange<Float>
  ) throws(DriftError) {
    if operation.step_column == .absent { return }
    let columns = file.model.step_columns
    guard operation.step_column >= 0, count <= columns, UInt32(operation.step_column) <= columns - count else {
      throw operatorError(
        .stepColumnOutOfRange, index, DRIFT_AT_operator_step_column, expected: UInt64(columns),
        found: UInt64(signed: operation.step_column))
    }
    guard scales.contains(operation.step_scale) else {
      throw operatorError(
        .stepScaleOutOfRange, index, DRIFT_AT_operator_step_scale, expected: UInt64(float: scales.upperBound),
        found: UInt64(float: operation.step_scale))
    }
  }

  /// Columns of a convolution's gate, if it has one, lie inside the step table, and it enlarges no value beyond 2^8.
  func verifyGate(_ operation: drift_operator, _ index: Int, count: UInt32) throws(DriftError) {
    if operation.gate_column == .absent { return }
    let columns = file.model.step_columns
    guard operation.gate_column >= 0, count <= columns, UInt32(operation.gate_column) <= columns - count else {
      throw operatorError(
        .gateColumnOutOfRange, index, DRIFT_AT_operator_gate_column, expected: UInt64(columns),
        found: UInt64(signed: operation.gate_column))
    }
    guard FormatLimits.gateScales.contains(operation.gate_scale) else {
      throw operatorError(
        .gateScaleOutOfRange, index, DRIFT_AT_operator_gate_scale, expected: UInt64(float: FormatLimits.gateScales.upperBound),
        found: UInt64(float: operation.gate_scale))
    }
  }

  func verifyGain(_ gain: Float, _ index: Int, _ field: Int) throws(DriftError) {
    guard gain.isUsable(upTo: FormatLimits.largestCoefficient) else {
      throw operatorError(
        .gainOutOfRange, index, field, expected: UInt64(float: FormatLimits.largestCoefficient), found: UInt64(float: gain))
    }
  }
}
