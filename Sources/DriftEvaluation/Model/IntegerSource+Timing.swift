import CDriftPlatform
import DriftFormat
import DriftRuntime

/// How long the steps of a session took.
public struct StepTiming: Sendable {
  /// Milliseconds of single steps, sampler included, by round: rounds alternate with the profiled ones, so that a change of the
  /// machine's speed shows as a spread.
  public var rounds: [[Double]]
  /// Milliseconds of each operator of the file: the median over the profiled steps that ran it, 0 if none did.
  public var operators: [Double]

  /// All steps of all rounds.
  public var steps: [Double] { rounds.flatMap { $0 } }
}

extension IntegerSource {
  /// Times steps of pictures until a budget is spent: in every round first plainly, then with a clock around every operator.
  /// - Parameters:
  ///   - request: what is made, again and again.
  ///   - budget: time for all rounds together.
  ///   - rounds: how many; at least `minimum` steps are timed in each.
  public func timeSteps(
    _ request: PictureRequest, budget: Duration, rounds: Int = 5, minimum: Int = 10
  ) throws -> StepTiming {
    let profile = Session.Profile.allocate(capacity: model.file.operators.count)
    profile.initialize(repeating: 0)
    defer { profile.deallocate() }
    defer { setProfile(nil) }
    _ = try steps(request, count: 2, budget: .zero)
    var timing = StepTiming(rounds: [], operators: [])
    var samples = [[Double]](repeating: [], count: profile.count)
    for _ in 0..<rounds {
      timing.rounds.append(try steps(request, count: minimum, budget: budget / (2 * rounds)))
      setProfile(profile)
      _ = try steps(request, count: minimum, budget: budget / (2 * rounds)) {
        for index in 0..<profile.count where profile[index] > 0 {
          samples[index].append(Double(profile[index]) / 1e6)
          profile[index] = 0
        }
      }
      setProfile(nil)
    }
    timing.operators = samples.map { $0.median ?? 0 }
    return timing
  }

  /// Milliseconds of at least `count` steps, and of more while the budget lasts; `afterStep` runs between them, untimed.
  private func steps(
    _ request: PictureRequest, count: Int, budget: Duration, afterStep: () -> Void = {}
  ) throws -> [Double] {
    var result: [Double] = []
    let start = ContinuousClock.now
    while result.count < count || ContinuousClock.now - start < budget {
      var before = drift_clock_nanoseconds()
      try walk(request) {
        result.append(Double(drift_clock_nanoseconds() - before) / 1e6)
        afterStep()
        before = drift_clock_nanoseconds()
        return result.count < count || ContinuousClock.now - start < budget
      }
    }
    return result
  }
}
