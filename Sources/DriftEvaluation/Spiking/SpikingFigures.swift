/// What a spiking program does and takes. Encoded with snake-case keys it is the `spiking` object of `spindrift compare` and `bench`.
///
/// "Per step" is per evaluation of the denoiser at a step, all of its spike time steps together: a rate per spike time step would hide their
/// number. Means are over pictures and include each picture's first step, at which every neuron starts from rest.
public struct SpikingFigures: Codable, Sendable {
  /// Neurons that send the same levels.
  public struct Layer: Codable, Sendable {
    /// The tensor whose levels they send.
    public var name: String
    /// How many.
    public var neurons: Int
    /// Mean over the steps.
    public var eventsPerNeuronPerStep: Double
    /// The same at each step.
    public var byStep: [Double]
  }

  /// A convolution that receives events.
  public struct Convolution: Codable, Sendable {
    /// The operator.
    public var name: String
    /// Weights that events add to membranes: exact, with strides and without what falls off the borders.
    public var synapticOperationsPerStep: Double
    /// The same at each step.
    public var byStep: [Double]
    /// Multiply-adds of the same convolution computed densely, without padding: as many as events would make that all neurons send once.
    public var denseMultiplyAdds: Int
    /// How the membranes were brought up to date.
    public var strategies: StrategyShares
  }

  /// How often each way of bringing events to membranes was taken.
  public struct StrategyShares: Codable, Sendable {
    /// Computed anew from all levels.
    public var dense: Double
    /// Each membrane collected its events.
    public var gather: Double
    /// Each event went to its membranes.
    public var scatter: Double
  }

  /// A plain int8 file that was timed beside the spiking one.
  public struct Against: Codable, Sendable {
    /// The file.
    public var path: String
    /// Milliseconds of its steps, in the same rounds.
    public var msPerStep: Double
    /// The spiking program's time over this file's.
    public var timeRatio: Double
  }

  /// Events of a neuron in one evaluation: mean over all neurons and steps.
  public var eventsPerNeuronPerStep: Double
  /// Of all layers together, at each step.
  public var byStep: [Double]
  /// Neurons by layer.
  public var layers: [Layer]
  /// Convolutions with membranes.
  public var convolutions: [Convolution]
  /// All layers' additions.
  public var synapticOperationsPerStep: Double
  /// Multiply-adds of the same layers computed densely, without padding.
  public var denseMultiplyAddsPerStep: Double
  /// Additions over these multiply-adds.
  public var operationsRatio: Double
  /// int8 multiply-adds of the layers that stay dense in either program: operands of 16 bits, depthwise ones, attention.
  public var staysDenseMultiplyAddsPerStep: Double
  /// By each table, for one evaluation.
  public var energy: [SpikingEnergy]
  /// Of all layers and evaluations.
  public var strategies: StrategyShares
  /// Spike time steps of an evaluation: mean; 1 with graded events.
  public var timeSteps: Double
  /// Whether these are the neurons of a network that was trained with them, which reset and never come to rest.
  public var fires: Bool
  /// Levels that neurons still had to send when an evaluation ended: mean over evaluations; 0 if all of them came to rest.
  public var distance: Double
  /// The same per neuron.
  public var distancePerNeuron: Double
  /// Pictures that the counts are of.
  public var pictures: Int
  /// The spiking program as it runs: mean over a picture's steps of their medians over the rounds, one evaluation each.
  public var msPerStep: Double
  /// The same file with every membrane computed anew at every step; neurons send all the same, which a plain int8 program need not.
  public var denseMsPerStep: Double
  /// The first of the two over the second.
  public var timeRatio: Double
  /// A plain int8 program in the same rounds, if one was given.
  public var against: Against?
  /// Which is the better choice here, in words.
  public var verdict: String
}
