/// Where a network of spiking neurons differs from others: within one evaluation, its values have several steps.
///
/// Between `repeated` and `weightedSum` every value has as many steps, each of the node's shape; operations of other kinds act on each step
/// alike, and values of the timestep are the same at all steps. (Cao et al., "Spiking Denoising Diffusion Probabilistic Models", WACV 2024.)
public enum SpikingOperation: Sendable, Equatable {
  /// A value becomes as many equal steps.
  case repeated(steps: Int)
  /// Neurons that leak nothing: the membrane begins each evaluation at 0 and adds its input; where it reaches the threshold, the step's
  /// result is 1 and the membrane is set to 0 (hard reset), else the result is 0.
  case integrateAndFire(threshold: Float)
  /// Each step times its own factor, a parameter of [steps] (temporal-wise spiking mechanism).
  case stepFactors(String)
  /// Sum of the steps, each times its weight: the end of the steps.
  case weightedSum([Float])

  /// More steps than any published network takes, so that a damaged file cannot ask for more.
  public static let mostSteps = 1024

  /// Factors of all thresholds that make sense; published ones are 0.997 to 1.003.
  public static let thresholdFactors: ClosedRange<Float> = 0.5...2

  /// How many steps the operation begins or ends; nil if it does neither.
  public var steps: Int? {
    switch self {
    case .repeated(let steps): steps
    case .weightedSum(let weights): weights.count
    case .integrateAndFire, .stepFactors: nil
    }
  }
}

extension Graph {
  /// The first node that only a spiking program can compute.
  public var firstSpikingNode: Node? {
    nodes.first { if case .spiking = $0.operation { true } else { false } }
  }

  /// Integrate-and-fire neurons of a network of spiking neurons.
  public var spikingNeurons: Int {
    nodes.reduce(0) { sum, node in
      if case .spiking(.integrateAndFire) = node.operation { sum + node.shape.count } else { sum }
    }
  }

  /// Threshold of the first integrate-and-fire neuron; nil if there is none.
  public var firstThreshold: Float? {
    nodes.lazy.compactMap { if case .spiking(.integrateAndFire(let threshold)) = $0.operation { threshold } else { nil } }.first
  }

  /// Steps of one evaluation of a network of spiking neurons; nil for others.
  public var spikingSteps: Int? {
    nodes.lazy.compactMap { if case .spiking(let operation) = $0.operation { operation.steps } else { nil } }.first
  }
}
