/// What an operator of a spiking program has done, added up over evaluations.
public struct OperatorActivity: Sendable {
  /// Neurons that sent, of a SEND.
  public var events: UInt64 = 0
  /// Neurons times times that they could have sent.
  public var neurons: UInt64 = 0
  /// Levels that neurons still had to send when an evaluation ended: 0 at rest.
  public var distance: UInt64 = 0
  /// Additions of weights to membranes that a convolution's events ask for, each weight that reaches one.
  public var synapticOperations: UInt64 = 0
  /// How often a convolution was computed anew, collected its events, or scattered them.
  public var dense: UInt64 = 0, gather: UInt64 = 0, scatter: UInt64 = 0

  /// Nothing yet.
  public init() {}
}
