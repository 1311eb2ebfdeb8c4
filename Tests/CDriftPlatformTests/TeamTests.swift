import CDriftPlatform
import Testing

/// A team counts together: what one member writes before a barrier, all others see after it, and every claim is given once.
struct TeamTests {
  /// What the work gets: the team, a counter for each member, and what went wrong.
  struct Shared {
    static let rounds = 2000
    static let claims = 500
    var team: UnsafeMutablePointer<drift_team>
    var counters: UnsafeMutablePointer<Int>
    var taken: UnsafeMutablePointer<UInt8>
    var failures: UnsafeMutablePointer<Int>
  }

  @Test(arguments: 1...5)
  func membersMeetAtEveryBarrierAndShareOutEveryClaim(count: Int) throws {
    let team = UnsafeMutablePointer<drift_team>.allocate(capacity: 1)
    let members = UnsafeMutablePointer<drift_team_member>.allocate(capacity: count)
    let counters = UnsafeMutablePointer<Int>.allocate(capacity: count)
    let failures = UnsafeMutablePointer<Int>.allocate(capacity: count)
    let taken = UnsafeMutablePointer<UInt8>.allocate(capacity: Shared.claims)
    defer {
      team.deallocate()
      members.deallocate()
      counters.deallocate()
      failures.deallocate()
      taken.deallocate()
    }
    drift_team_init(team)
    for i in 1..<max(count, 1) { #expect(drift_team_join_posix(team, members + i) == 0) }
    #expect(team.pointee.count == UInt32(count))
    for _ in 0..<3 {
      counters.initialize(repeating: 0, count: count)
      failures.initialize(repeating: 0, count: count)
      taken.initialize(repeating: 0, count: Shared.claims)
      var shared = Shared(team: team, counters: counters, taken: taken, failures: failures)
      withUnsafeMutablePointer(to: &shared) { drift_team_run(team, { context, member in TeamTests.work(context, member) }, $0) }
      #expect((0..<count).allSatisfy { counters[$0] == Shared.rounds })
      #expect((0..<count).allSatisfy { failures[$0] == 0 })
      #expect((0..<Shared.claims).allSatisfy { taken[$0] == 1 })
    }
    drift_team_end(team)
    for i in 1..<max(count, 1) { drift_team_wait(members + i) }
  }

  private static func work(_ context: UnsafeMutableRawPointer?, _ member: UInt32) {
    guard let shared = context?.assumingMemoryBound(to: Shared.self).pointee else { return }
    let count = Int(shared.team.pointee.count)
    for round in 1...Shared.rounds {
      shared.counters[Int(member)] = round
      drift_team_barrier(shared.team)
      for other in 0..<count where shared.counters[other] != round { shared.failures[Int(member)] += 1 }
      drift_team_barrier(shared.team)
    }
    while true {
      let claim = Int(drift_team_claim(shared.team))
      if claim >= Shared.claims { break }
      shared.taken[claim] += 1
    }
    drift_team_barrier(shared.team)
  }
}
