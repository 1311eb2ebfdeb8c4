import CDriftPlatform
import DriftFormat
import DriftRuntime

/// How long the steps of a session took.
public struct StepTiming: Sendable {
  /// Milliseconds of single steps, sampler included.
  public var steps: [Double]
  /// Milliseconds of each operator of the file, mean over the profiled steps.
  public var operators: [Double]
}

extension IntegerSource {
  /// Times steps of pictures until a budget is spent, first plainly, then with a clock around every operator.
  /// - Parameters:
  ///   - request: what is made, again and again.
  ///   - budget: time for either part; at least `minimum` steps are timed.
  public func timeSteps(_ request: PictureRequest, budget: Duration, minimum: Int = 10) throws -> StepTiming {
    _ = try steps(request, count: 2, budget: .zero)
    let plain = try steps(request, count: minimum, budget: budget)
    let profile = Session.Profile.allocate(capacity: model.file.operators.count)
    profile.initialize(repeating: 0)
    defer { profile.deallocate() }
    setProfile(profile)
    defer { setProfile(nil) }
    let profiled = try steps(request, count: minimum, budget: budget)
    return StepTiming(steps: plain, operators: profile.map { Double($0) / 1e6 / Double(profiled.count) })
  }

  /// Milliseconds of at least `count` steps, and of more while the budget lasts.
  private func steps(_ request: PictureRequest, count: Int, budget: Duration) throws -> [Double] {
    var result: [Double] = []
    let start = ContinuousClock.now
    while result.count < count || ContinuousClock.now - start < budget {
      var before = drift_clock_nanoseconds()
      try walk(request) {
        let now = drift_clock_nanoseconds()
        result.append(Double(now - before) / 1e6)
        before = now
        return result.count < count || ContinuousClock.now - start < budget
      }
    }
    return result
  }
}
