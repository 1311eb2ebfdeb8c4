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

  /// What a kernel set costs: x86-64 sets in nanoseconds as `spindrift bench` measured them on a Zen 4 core, ARM sets in cycles as counted
  /// from their inner loops for Cortex-A72 and A76. Only the ratios within a row matter.
  public static func typical(of kind: KernelSet.Kind) -> EventCosts {
    switch kind {
    case .scalar:
      EventCosts(denseOperation: 0.37, gatherTap: 0.93, gatherOperation: 0.59, scatterTap: 5, scatterOperation: 0.59)
    case .avx2:
      EventCosts(denseOperation: 0.0105, gatherTap: 0.41, gatherOperation: 0.0122, scatterTap: 5, scatterOperation: 0.0125)
    case .avxvnni:
      EventCosts(denseOperation: 0.0043, gatherTap: 0.41, gatherOperation: 0.0122, scatterTap: 5, scatterOperation: 0.0125)
    case .avx512vnni:
      EventCosts(denseOperation: 0.0025, gatherTap: 0.41, gatherOperation: 0.0122, scatterTap: 5, scatterOperation: 0.0125)
    case .neon:
      EventCosts(denseOperation: 0.125, gatherTap: 6, gatherOperation: 0.15, scatterTap: 20, scatterOperation: 0.17)
    case .dotprod:
      EventCosts(denseOperation: 0.038, gatherTap: 4, gatherOperation: 0.1, scatterTap: 12, scatterOperation: 0.12)
    case .i8mm:
      EventCosts(denseOperation: 0.02, gatherTap: 4, gatherOperation: 0.1, scatterTap: 12, scatterOperation: 0.12)
    }
  }
}
