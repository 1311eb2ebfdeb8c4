import Foundation

/// Pointwise nonlinearity.
public enum Activation: String, Sendable, CaseIterable {
  case relu, silu, gelu, mish

  /// The function itself, in double precision.
  public func callAsFunction(_ y: Double) -> Double {
    switch self {
    case .relu: max(y, 0)
    case .silu: y / (1 + exp(-y))
    case .gelu: 0.5 * y * (1 + erf(y / 2.0.squareRoot()))
    case .mish: y * tanh(y > 30 ? y : log1p(exp(y)))
    }
  }
}
