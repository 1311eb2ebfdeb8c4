/// Why a float model cannot be calibrated.
public enum CalibrationError: Error, Equatable, CustomStringConvertible {
  /// The float model itself gives infinity or "not a number".
  case notFinite(node: String, timestep: Float)

  /// What happened and what to do.
  public var description: String {
    switch self {
    case .notFinite(let node, let timestep):
      """
      \(node): the float model's value is not a finite number at timestep \(timestep); leave that timestep out with other \
      --steps, timestep_spacing or steps_offset, or check the checkpoint's weights
      """
    }
  }
}
