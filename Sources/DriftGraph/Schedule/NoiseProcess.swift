/// How noise enters in training: a sample is alpha * clean + sigma * noise.
public enum NoiseProcess: Sendable, Equatable {
  /// Discrete: alpha^2 is the cumulative product of 1 - beta, and the timestep indexes it.
  case beta
  /// Flow matching on a straight line: alpha = 1 - sigma.
  case linear(FlowTime)
  /// Elucidated diffusion (Karras et al. 2022): alpha = 1, and the network takes a scaled sample.
  case elucidated(Preconditioning)

  /// What a network of flow matching is told.
  public enum FlowTime: Sendable, Equatable {
    /// sigma times this.
    case sigma(scale: Double)
    /// 1 - sigma.
    case oneMinusSigma
  }

  /// Karras et al. 2022, equation 5 (the noise levels) and table 1 (the factors).
  public struct Preconditioning: Sendable, Equatable {
    /// Factors of one noise level: the network takes `input` * x and is told `noise`; the clean picture is `skip` * x + `output` * answer.
    public struct Factors: Sendable, Equatable {
      /// c_in, c_skip, c_out and c_noise.
      public var input: Double, skip: Double, output: Double, noise: Double

      /// Factors, one by one.
      public init(input: Double, skip: Double, output: Double, noise: Double) {
        (self.input, self.skip, self.output, self.noise) = (input, skip, output, noise)
      }
    }

    /// Largest and smallest standard deviation of the noise, both above 0.
    public var sigmaMax: Double, sigmaMin: Double
    /// Exponent of the spacing.
    public var rho: Double
    /// Standard deviation of the pictures; nil where only the listed factors are known.
    public var sigmaData: Double?
    /// The factors of each step of the one walk that the file lists; empty: they follow from `sigmaData`.
    public var listed: [Factors]

    /// A preconditioning from its parts.
    public init(sigmaMax: Double, sigmaMin: Double, rho: Double, sigmaData: Double?, listed: [Factors]) {
      (self.sigmaMax, self.sigmaMin, self.rho, self.sigmaData, self.listed) = (sigmaMax, sigmaMin, rho, sigmaData, listed)
    }
  }
}
