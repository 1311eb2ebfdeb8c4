import DriftGraph

/// A node of a NIR graph: Pedersen et al., "Neuromorphic intermediate representation", Nature Communications 15 (2024), table 1.
public struct NIRNode: Sendable, Equatable {
  /// What the node does, of NIR's kinds those that an export needs.
  public enum Kind: Sendable, Equatable {
    /// What the network is given, of a shape.
    case input(Shape)
    /// What it answers, of a shape.
    case output(Shape)
    /// A two-dimensional convolution of pictures with the given rows and columns.
    case convolution(NIRConvolution, height: Int, width: Int)
    /// Neurons that integrate their input without a leak and fire 1 above the threshold: r = 1, v_reset = 0.
    case integrateAndFire(threshold: Float, shape: Shape)
    /// Mean of 2x2 pixels.
    case averagePool
    /// Every value times the factor.
    case scale(Float, shape: Shape)

    /// NIR's name of the kind.
    public var type: String {
      switch self {
      case .input: "Input"
      case .output: "Output"
      case .convolution: "Conv2d"
      case .integrateAndFire: "IF"
      case .averagePool: "AvgPool2d"
      case .scale: "Scale"
      }
    }
  }

  /// Letters, digits and underscores; unique in the graph.
  public var name: String
  /// What it does.
  public var kind: Kind
}
