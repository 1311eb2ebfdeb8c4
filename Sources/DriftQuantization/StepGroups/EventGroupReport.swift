/// How the step groups of a spiking program were chosen: scales that change make all neurons send anew, scales that fit less cost error.
public struct EventGroupReport: Codable, Sendable {
  /// A number of groups that was tried.
  public struct Trial: Codable, Sendable {
    /// Step groups.
    public var groups: Int
    /// Signal to noise of the noise prediction on the float sampler's states, in dB, mean over the steps.
    public var sqnr: Double
    /// Additions of weights to membranes per step.
    public var synapticOperationsPerStep: Double
  }

  /// In ascending order of groups.
  public var trials: [Trial]
  /// Groups of the trial that was taken: the one with the fewest additions among those whose error is nearly the least.
  public var chosen: Int

  /// How far below the best trial's error the taken one may be, in dB.
  public static let tolerance = 0.5

  init(_ trials: [Trial]) {
    self.trials = trials
    let best = trials.map(\.sqnr).max() ?? 0
    let good = trials.filter { $0.sqnr >= best - Self.tolerance }
    chosen = good.min { $0.synapticOperationsPerStep < $1.synapticOperationsPerStep }?.groups ?? 1
  }
}
