import Foundation

/// Pointwise nonlinearity.
public enum Activation: String, Sendable, CaseIterable {
  case relu, silu, gelu, mish, tanh, sigmoid
  /// GELU by its approximation with tanh (Hendrycks and Gimpel 2016).
  case geluTanh = "gelu_tanh"
  /// x * sigmoid(1.702 x), another approximation of GELU.
  case quickGelu = "quick_gelu"
  /// x, and exp(x) - 1 below 0 (Clevert, Unterthiner and Hochreiter 2016).
  case elu
  /// x * hard sigmoid of x (Howard et al. 2019).
  case hardSwish = "hard_swish"
  /// A line from 0 at -3 to 1 at 3, constant outside.
  case hardSigmoid = "hard_sigmoid"

  /// The function itself, in double precision.
  public func callAsFunction(_ y: Double) -> Double {
    switch self {
    case .relu: max(y, 0)
    case .silu: y / (1 + exp(-y))
    case .gelu: 0.5 * y * (1 + erf(y / 2.0.squareRoot()))
    case .mish: y * Foundation.tanh(y > 30 ? y : log1p(exp(y)))
    case .tanh: Foundation.tanh(y)
    case .sigmoid: 1 / (1 + exp(-y))
    case .geluTanh: 0.5 * y * (1 + Foundation.tanh((2 / Double.pi).squareRoot() * (y + 0.044715 * y * y * y)))
    case .quickGelu: y / (1 + exp(-1.702 * y))
    case .elu: y < 0 ? expm1(y) : y
    case .hardSwish: y * Activation.hardSigmoid(y)
    case .hardSigmoid: min(max(y / 6 + 0.5, 0), 1)
    }
  }

  /// Whether the function tends to a constant on both sides; else it tends to relu, or to a
  /// constant below it.
  public var saturates: Bool { self == .tanh || self == .sigmoid || self == .hardSigmoid }
}
