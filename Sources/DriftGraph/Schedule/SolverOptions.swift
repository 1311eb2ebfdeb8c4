/// What diffusers' scheduler configurations say to samplers other than DDIM and DDPM, with their defaults. docs/samplers.md.
public struct SolverOptions: Sendable, Equatable {
  /// Which exponential integrator DPM-Solver is (diffusers' `algorithm_type`).
  public enum Algorithm: String, Sendable, CaseIterable {
    case noiseODE = "dpmsolver"
    case dataODE = "dpmsolver++"
    case noiseSDE = "sde-dpmsolver"
    case dataSDE = "sde-dpmsolver++"

    /// Whether it extrapolates the clean estimate; else the noise.
    var ofData: Bool { self == .dataODE || self == .dataSDE }
    /// Whether it adds fresh noise.
    var stochastic: Bool { self == .noiseSDE || self == .dataSDE }
  }

  /// How noise levels are spread, where it is not the timesteps that are.
  public enum Spread: Sendable { case timesteps, karras, exponential, lambdas, flow }
  /// Second-order corrections of DPM-Solver.
  public enum Correction: String, Sendable, CaseIterable { case midpoint, heun }
  /// Where the last step ends (diffusers' `final_sigmas_type`).
  public enum End: String, Sendable, CaseIterable {
    case zero
    case smallest = "sigma_min"
  }

  /// Order of DPM-Solver and UniPC, 1 to 3.
  public var order = 2
  /// DPM-Solver's integrator.
  public var algorithm = Algorithm.dataODE
  /// DPM-Solver's second-order correction.
  public var correction = Correction.midpoint
  /// UniPC: B(h) is h (bh1); else exp(h) - 1 (bh2).
  public var plainStepFunction = false
  /// UniPC extrapolates the clean estimate; else the noise.
  public var ofData = true
  /// UniPC's steps without corrector.
  public var uncorrected: Set<Int> = []
  /// Lower orders at the end.
  public var lowerOrderFinal = true
  /// DPM-Solver's last step is of first order.
  public var eulerAtFinal = false
  /// Where the last step ends.
  public var end = End.zero
  /// How noise levels are spread.
  public var spread = Spread.timesteps
  /// UniPC's Karras levels are turned into those of flow matching.
  public var spreadOfFlow = false
  /// Bounds of Karras' and exponential levels; nil: the schedule's own.
  public var sigmaMin: Double?, sigmaMax: Double?
  /// Levels are equally spaced in their logarithm between those of the timesteps' ends (Euler's `interpolation_type`).
  public var logLinear = false
  /// Timesteps of spread levels keep their fractions until they are cut off, as diffusers has it for squared cosines; else they are rounded.
  public var keepsFractions = false
  /// Shift of flow levels: shift * sigma / (1 + (shift - 1) * sigma).
  public var flowShift = 1.0
  /// Flow levels are stretched so that the last is 1 minus this; nil: they are not.
  public var shiftTerminal: Double?
  /// Flow matching with fresh noise.
  public var stochastic = false
  /// PNDM without Runge-Kutta steps at the beginning.
  public var skipsRungeKutta = false
  /// Steps of the walk that an LCM was distilled from.
  public var originalSteps = 50
  /// LCM's `timestep_scaling`.
  public var timestepScaling = 10.0
  /// The betas were rescaled to no signal at the last timestep, which samplers that divide by alpha then take as 2^-24.
  public var zeroSNR = false

  /// diffusers' defaults.
  public init() {}
}
