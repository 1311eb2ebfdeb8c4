import CDriftPlatform
import DriftRuntime

/// How long the steps of a spiking program took, and those of dense int8 in the same rounds. Milliseconds of a step: a whole picture's over its
/// steps, since the first step of a picture sends everything and the others send changes.
public struct SpikingTiming: Sendable {
  /// As the program runs, by round.
  public var spiking: [Double] = []
  /// With every membrane computed anew, by round.
  public var dense: [Double] = []
  /// A plain int8 file, by round.
  public var against: (path: String, times: [Double])?

  /// Nothing measured.
  public init() {}

  /// Of the spiking program's time to another's: the median of the rounds' ratios, which a change of the machine's speed between rounds
  /// does not touch.
  public func ratio(to other: [Double]) -> Double {
    zip(spiking, other).map { $0 / max($1, .leastNormalMagnitude) }.median ?? 0
  }
}

extension IntegerSource {
  /// Times pictures of a spiking program in turns: as it runs, with every membrane computed anew, and a plain int8 file if one is given.
  /// - Parameters:
  ///   - request: what is made, again and again, without guidance.
  ///   - other: the plain file, of the same model with the same number of steps.
  ///   - budget: time for all rounds together; at least three are made.
  public func timeSpiking(
    _ request: PictureRequest, against other: IntegerSource? = nil, budget: Duration
  ) throws -> SpikingTiming {
    let asItRuns = spiking
    defer { spiking = asItRuns }
    var dense = asItRuns
    (dense.events, dense.timeSteps, dense.resetsEachStep, dense.strategy) = (.graded, 0, false, .dense)
    func time(_ source: IntegerSource) throws -> Double {
      let before = drift_clock_nanoseconds()
      _ = try source.generate(request) { _ in }
      return Double(drift_clock_nanoseconds() - before) / 1e6 / Double(max(source.stepCount, 1))
    }
    var timing = SpikingTiming()
    if let other { timing.against = (other.model.path, []) }
    let start = ContinuousClock.now
    var isWarm = false
    while timing.spiking.count < 3 || ContinuousClock.now - start < budget {
      spiking = asItRuns
      let first = try time(self)
      spiking = dense
      let second = try time(self)
      let third = try other.map(time)
      // The first round brings files and code to memory.
      guard isWarm else {
        isWarm = true
        continue
      }
      timing.spiking.append(first)
      timing.dense.append(second)
      if let third { timing.against?.times.append(third) }
    }
    return timing
  }
}
