import DriftGraph

/// Which values of a graph a conversion wants to know about.
public struct CalibrationTargets: Sendable {
  /// Values that become 8-bit or 16-bit operands of a multiplication: histograms.
  public var operands: Set<NodeID>
  /// Whether occurrences of an operand that are out of the ordinary count no more than others; see `HistogramsByPower`.
  public var countsByPower: Bool
  /// Values that stay 16-bit: the greatest magnitude.
  public var trunk: Set<NodeID>
  /// Values that convolutions read: mean and second moment per channel, over all steps.
  public var channelMoments: Set<NodeID>

  package init(operands: Set<NodeID> = [], countsByPower: Bool = false, trunk: Set<NodeID> = [], channelMoments: Set<NodeID> = []) {
    self.operands = operands
    self.countsByPower = countsByPower
    self.trunk = trunk
    self.channelMoments = channelMoments
  }
}
