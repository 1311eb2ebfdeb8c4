import CDriftFormat

extension Int32 {
  /// `DRIFT_NONE`: marks an absent tensor, constant, column or class.
  public static var absent: Int32 { -1 }
}

extension drift_operator {
  /// Sets of outputs that a convolution's constants hold: 4 for one by phases, else 1.
  package var phases: UInt32 { upsample == DRIFT_UPSAMPLE_PHASES.rawValue ? 4 : 1 }

  /// Whether it is a convolution that keeps its sums as membranes and reads events.
  package var hasMembranes: Bool { opcode == DRIFT_OP_CONVOLUTION.rawValue && inputs.3 != .absent }

  /// Whether it keeps something from one spiking step to the next.
  package var isOfSpikingSteps: Bool { opcode == DRIFT_OP_FIRE.rawValue || opcode == DRIFT_OP_DECAY.rawValue }

  /// Which of its inputs is state that it changes; -1 if it has none.
  package var statePosition: Int {
    switch opcode {
    case DRIFT_OP_SEND.rawValue, DRIFT_OP_FIRE.rawValue, DRIFT_OP_DECAY.rawValue: 1
    default: hasMembranes ? 3 : -1
    }
  }

  /// Whether it reads columns of the step table.
  package var isOfStep: Bool { step_column != .absent || gate_column != .absent }

  /// Input tensor by position, 0 to 3.
  @inlinable
  public func input(_ position: Int) -> Int32 {
    switch position {
    case 0: inputs.0
    case 1: inputs.1
    case 2: inputs.2
    default: inputs.3
    }
  }

  /// Constant by position, 0 to 4.
  @inlinable
  public func constant(_ position: Int) -> Int32 {
    switch position {
    case 0: constants.0
    case 1: constants.1
    case 2: constants.2
    case 3: constants.3
    default: constants.4
    }
  }
}

extension drift_tensor {
  /// Whether real zero lies in the middle of its values.
  public var isSymmetric: Bool { flags & UInt32(truncatingIfNeeded: DRIFT_TENSOR_SYMMETRIC.rawValue) != 0 }

  /// The least value of an int8 tensor.
  public var lowest: Int32 { isSymmetric ? -Int32(truncatingIfNeeded: levels / 2) : -128 }

  /// The greatest value of an int8 tensor.
  public var highest: Int32 { lowest &+ Int32(truncatingIfNeeded: levels) }
}

extension drift_model {
  /// History tensor by slot, 0 to 3.
  @inlinable
  public func historyTensor(_ slot: Int) -> Int32 {
    switch slot {
    case 0: history_tensors.0
    case 1: history_tensors.1
    case 2: history_tensors.2
    default: history_tensors.3
    }
  }
}

extension drift_step {
  /// History coefficient by slot, 0 to 3.
  @inlinable
  public func historyCoefficient(_ slot: Int) -> Float {
    switch slot {
    case 0: c.0
    case 1: c.1
    case 2: c.2
    default: c.3
    }
  }

  /// Factor of an estimate by position: the null class's last answer, the class's last, the class's now.
  @inlinable
  public func estimateFactor(_ position: Int) -> Float {
    switch position {
    case 0: estimate.0
    case 1: estimate.1
    default: estimate.2
    }
  }
}

extension drift_model {
  /// Rows of the step table for each step of the sampler: one for each spiking step and class.
  package var rowsOfStep: UInt64 { UInt64(spike_steps == 0 ? 1 : spike_steps) * UInt64(class_count == 0 ? 1 : class_count) }
}

extension drift_tensor {
  /// Whether it is a tracer, membranes or a sum of spiking steps: it lives from step to step, and an operator changes it in place.
  package var isState: Bool { flags & DRIFT_TENSOR_STATE.rawValue != 0 }
}
