/// How a session runs a spiking program. Files without state tensors ignore it.
public struct SpikingOptions: Sendable {
  /// What a neuron sends when its level has changed.
  public enum Events: UInt32, Sendable {
    /// The whole difference at once: one sweep through the program brings the network to rest.
    case graded = 0
    /// One level of it, up or down, at each spike time step.
    case ternary = 1
  }

  /// How convolutions bring events to membranes.
  public enum Strategy: UInt32, Sendable {
    /// Whichever is cheapest by the costs, for each layer and step anew.
    case automatic = 0
    /// Membranes are computed anew from all levels.
    case dense = 1
    /// Each membrane collects the events under its taps.
    case gather = 2
    /// Each event goes to the membranes that it reaches.
    case scatter = 3
  }

  /// What neurons send.
  public var events: Events
  /// Spike time steps of one evaluation with ternary events; 0: until no neuron sends any more. That is at most one more than the sum of
  /// the levels along the longest chain of neuron layers, 255 each: a layer is at rest so many time steps after those before it.
  public var timeSteps: Int
  /// Whether neurons and membranes start anew at each denoising step, rather than keep what they have.
  public var resetsEachStep: Bool
  /// How events travel.
  public var strategy: Strategy
  /// What the choice between dense, gather and scatter goes by.
  public var costs: EventCosts

  /// Options; by default what is fastest.
  public init(
    events: Events = .graded, timeSteps: Int = 0, resetsEachStep: Bool = false, strategy: Strategy = .automatic, costs: EventCosts
  ) {
    self.events = events
    self.timeSteps = timeSteps
    self.resetsEachStep = resetsEachStep
    self.strategy = strategy
    self.costs = costs
  }
}
