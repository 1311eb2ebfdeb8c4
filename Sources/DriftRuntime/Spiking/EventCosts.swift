/// What it costs a CPU to bring events to membranes, in any unit of time. `spindrift bench` measures it.
public struct EventCosts: Sendable, Equatable {
  /// A multiply-add of the dense matrix product.
  public var denseOperation: Float
  /// Looking whether there are events under a tap of an output pixel.
  public var gatherTap: Float
  /// An addition of a weight to a membrane, gathering.
  public var gatherOperation: Float
  /// Visiting an output pixel for the events of one pixel.
  public var scatterTap: Float
  /// An addition, scattering.
  public var scatterOperation: Float

  /// Costs as measured.
  public init(
    denseOperation: Float, gatherTap: Float, gatherOperation: Float, scatterTap: Float, scatterOperation: Float
  ) {
    self.denseOperation = denseOperation
    self.gatherTap = gatherTap
    self.gatherOperation = gatherOperation
    self.scatterTap = scatterTap
    self.scatterOperation = scatterOperation
  }

  /// What a kernel set costs on the machines that it was measured on, in nanoseconds.
  public static func typical(of kind: KernelSet.Kind) -> EventCosts {
    switch kind {
    case .scalar:
      EventCosts(denseOperation: 0.4, gatherTap: 4, gatherOperation: 0.4, scatterTap: 8, scatterOperation: 0.4)
    case .avx2:
      EventCosts(denseOperation: 0.02, gatherTap: 3, gatherOperation: 0.025, scatterTap: 12, scatterOperation: 0.03)
    case .avxvnni, .avx512vnni:
      EventCosts(denseOperation: 0.008, gatherTap: 3, gatherOperation: 0.025, scatterTap: 12, scatterOperation: 0.03)
    case .neon:
      EventCosts(denseOperation: 0.23, gatherTap: 12, gatherOperation: 0.28, scatterTap: 40, scatterOperation: 0.3)
    case .dotprod:
      EventCosts(denseOperation: 0.08, gatherTap: 12, gatherOperation: 0.28, scatterTap: 40, scatterOperation: 0.3)
    case .i8mm:
      EventCosts(denseOperation: 0.04, gatherTap: 12, gatherOperation: 0.28, scatterTap: 40, scatterOperation: 0.3)
    }
  }
}
