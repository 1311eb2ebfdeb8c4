import CDriftFormat
import CDriftPlatform
import DriftFormat

/// One run of a program, as all members of a team read it.
struct ProgramRun {
  var executor: Executor
  let operators: Range<Int>
  let profile: Session.Profile?

  /// Runs all operators as one member.
  @inline(never)
  func run(as team: Team) {
    let executor = executor.joining(team)
    for index in operators {
      guard let profile, team.member == 0 else {
        executor.run(index)
        continue
      }
      let before = drift_clock_nanoseconds()
      executor.run(index)
      if index < profile.count { profile[index] &+= drift_clock_nanoseconds() &- before }
    }
  }
}
