import Foundation

/// The noise variances added at each training timestep, by the names that diffusers gives to their formulas.
///
/// A model is trained with what diffusers computes in single precision, so this rounds to single where diffusers does: the difference
/// to exact arithmetic is visible where 1 - alpha_bar is small.
public enum BetaSchedule: Sendable, Equatable {
  /// Equal steps from the first to the last value.
  case linear(from: Double, to: Double)
  /// Squares of equal steps between the square roots (latent diffusion).
  case scaledLinear(from: Double, to: Double)
  /// alpha_bar follows a squared cosine; beta is at most 0.999 (Nichol and Dhariwal).
  case squaredCosine
  /// A logistic curve from -6 to 6 between the first and the last value (GeoDiff).
  case sigmoid(from: Double, to: Double)
  /// alpha_bar follows a Laplace distribution of the log signal-to-noise ratio; beta is at most 0.999.
  case laplace
  /// alpha_bar is exp(-12 t); beta is at most 0.999.
  case exponential
  /// Listed one by one.
  case listed([Double])

  /// The values for `count` training timesteps.
  public func betas(count: Int) -> [Float] {
    switch self {
    case .linear(let first, let last):
      return Self.equalSteps(Float(first), Float(last), count)
    case .scaledLinear(let first, let last):
      return Self.equalSteps(Float(first.squareRoot()), Float(last.squareRoot()), count).map { $0 * $0 }
    case .squaredCosine:
      func alphaBar(_ time: Double) -> Double {
        let cosine = cos((time + 0.008) / 1.008 * .pi / 2)
        return cosine * cosine
      }
      return Self.ratios(alphaBar, count)
    case .laplace:
      return Self.ratios(
        { time in
          let sign: Double = time > 0.5 ? -1 : time < 0.5 ? 1 : 0
          let ratio = exp(-0.5 * sign * log(1 - 2 * abs(0.5 - time) + 1e-6))
          return (ratio / (1 + ratio)).squareRoot()
        }, count)
    case .exponential:
      return Self.ratios({ exp($0 * -12) }, count)
    case .sigmoid(let first, let last):
      return Self.equalSteps(-6, 6, count).map { y in
        Float(1 / (1 + exp(-Double(y)))) * Float(last - first) + Float(first)
      }
    case .listed(let values):
      return values.map(Float.init)
    }
  }

  /// Betas from a function of the time in 0 to 1 that alpha_bar follows.
  private static func ratios(_ alphaBar: (Double) -> Double, _ count: Int) -> [Float] {
    (0..<count).map { i in
      Float(min(1 - alphaBar(Double(i + 1) / Double(count)) / alphaBar(Double(i) / Double(count)), 0.999))
    }
  }

  /// Cumulative products of 1 - beta for `count` training timesteps.
  /// - Parameter rescaledToZeroSNR: shift and stretch sqrt(alpha_bar) so that nothing of the picture is left at the last timestep
  ///   (Lin et al., "Common Diffusion Noise Schedules and Sample Steps are Flawed", algorithm 1).
  public func alphaBar(count: Int, rescaledToZeroSNR: Bool = false) -> [Double] {
    var betas = betas(count: count)
    if rescaledToZeroSNR, let first = Self.cumulativeProduct(betas).first, let last = Self.cumulativeProduct(betas).last {
      let (firstRoot, lastRoot) = (first.squareRoot(), last.squareRoot())
      let rescaled = Self.cumulativeProduct(betas).map { value in
        let root = (value.squareRoot() - lastRoot) * (firstRoot / (firstRoot - lastRoot))
        return root * root
      }
      betas = rescaled.indices.map { 1 - ($0 == 0 ? rescaled[0] : rescaled[$0] / rescaled[$0 - 1]) }
    }
    return Self.cumulativeProduct(betas).map(Double.init)
  }

  /// Running product of 1 - beta, accumulated in double precision, each result rounded to single.
  private static func cumulativeProduct(_ betas: [Float]) -> [Float] {
    var product = 1.0
    return betas.map { beta in
      product *= Double(1 - beta)
      return Float(product)
    }
  }

  /// `count` values from first to last, built from both ends so that both are exact.
  private static func equalSteps(_ first: Float, _ last: Float, _ count: Int) -> [Float] {
    guard count > 1 else { return count == 1 ? [first] : [] }
    let step = (last - first) / Float(count - 1)
    return (0..<count).map { i in
      i < count / 2 ? first + step * Float(i) : last - step * Float(count - 1 - i)
    }
  }
}
