/// Energy of one evaluation of the denoiser by a table: counts times constants, not a measurement.
public struct SpikingEnergy: Codable, Sendable, Equatable {
  /// The table's name.
  public var table: String
  /// Where its constants are from, and what it counts.
  public var source: String
  /// Every addition that events cause, and the multiply-adds of layers that stay dense.
  public var spikingMj: Double
  /// The same network with all layers dense in int8.
  public var denseInt8Mj: Double
  /// And in single precision.
  public var floatMj: Double
  /// Of `spikingMj`, the layers that stay dense.
  public var ofDenseLayersMj: Double
  /// Not in `spikingMj`: neurons compare their levels and membranes become levels, at every spike time step.
  public var spikingUpdatesMj: Double
  /// Not in `denseInt8Mj`: the sums of the same layers become levels, once.
  public var denseInt8UpdatesMj: Double
}
