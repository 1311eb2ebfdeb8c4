import CDriftPlatform
import DriftRuntime

/// How long the steps of a spiking program took, and those of dense int8 in the same rounds: milliseconds, [round][step].
public struct SpikingTiming: Sendable {
  /// As the program runs.
  public var spiking: [[Double]] = []
  /// With every membrane computed anew.
  public var dense: [[Double]] = []
  /// A plain int8 file.
  public var against: (path: String, rounds: [[Double]])?

  /// Nothing measured.
  public init() {}

  /// Milliseconds of a step: each step's median over the rounds, which other programs on the machine do not disturb much, and the mean of
  /// these over the steps, because the first step of a picture sends everything and the others send changes.
  public static func typical(_ rounds: [[Double]]) -> Double {
    let steps = rounds.map(\.count).min() ?? 0
    return (0..<steps).compactMap { step in rounds.map { $0[step] }.median }.mean ?? 0
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
  ) throws(ModelFileError) -> SpikingTiming {
    let asItRuns = spiking
    defer { spiking = asItRuns }
    var dense = asItRuns
    (dense.events, dense.timeSteps, dense.resetsEachStep, dense.strategy) = (.graded, 0, false, .dense)
    var timing = SpikingTiming()
    if let other { timing.against = (other.model.path, []) }
    let start = ContinuousClock.now
    var isWarm = false
    while timing.spiking.count < 3 || ContinuousClock.now - start < budget {
      spiking = asItRuns
      let first = try timedSteps(request)
      spiking = dense
      let second = try timedSteps(request)
      let third = try other?.timedSteps(request)
      // The first round brings files and code to memory.
      guard isWarm else {
        isWarm = true
        continue
      }
      timing.spiking.append(first)
      timing.dense.append(second)
      if let third { timing.against?.rounds.append(third) }
    }
    return timing
  }

  /// Milliseconds of each step of a picture.
  private func timedSteps(_ request: PictureRequest) throws(ModelFileError) -> [Double] {
    var times: [Double] = []
    var before = drift_clock_nanoseconds()
    try walk(request) {
      let now = drift_clock_nanoseconds()
      times.append(Double(now - before) / 1e6)
      before = now
      return true
    }
    return times
  }
}
