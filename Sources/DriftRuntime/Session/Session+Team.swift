import CDriftFormat
import CDriftPlatform
import DriftFormat

/// What the members of a team share, at the start of the arena's part for it.
private struct SharedMemory {
  var team: drift_team
  var run: ProgramRun
}

extension Session {
  /// Whether what threads share fits the memory that the arena has for it: known when this is compiled, and tested.
  package static var teamFits: Bool {
    MemoryLayout<SharedMemory>.size <= Int(truncatingIfNeeded: ThreadMemory.controlBytes)
      && MemoryLayout<drift_team_member>.size <= Int(truncatingIfNeeded: ThreadMemory.recordBytes)
      && ThreadMemory.stackBytes == UInt64(DRIFT_TEAM_STACK_BYTES)
  }

  /// Starts the further threads, unless they are running. Returns whether it did, and ``stopTeam()`` is due.
  mutating func startTeam() -> Bool {
    guard threads > 1, !teamIsRunning else { return false }
    guard let team = teamPointer else { return false }
    drift_team_init(team)
    for index in 1..<threads {
      // A thread that cannot be had costs time, not bits.
      guard join(team, member(index)) == 0 else { break }
    }
    teamIsRunning = true
    return true
  }

  /// Ends the further threads; none touches the arena after that.
  mutating func stopTeam() {
    guard teamIsRunning, let team = teamPointer else { return }
    teamIsRunning = false
    guard team.pointee.count > 1 else { return }
    drift_team_end(team)
    for index in 1..<Int(truncatingIfNeeded: team.pointee.count) { drift_team_wait(member(index)) }
    drift_team_init(team)
  }

  /// Runs a program on all threads; returns when it is done.
  @inline(never)
  func runOnTeam(_ run: ProgramRun) {
    guard teamIsRunning, let team = teamPointer, team.pointee.count > 1 else {
      run.run(as: .alone)
      return
    }
    let shared = UnsafeMutableRawPointer(team).assumingMemoryBound(to: SharedMemory.self)
    shared.pointee.run = run
    drift_team_run(
      team,
      { context, member in
        guard let context else { return }
        let shared = context.assumingMemoryBound(to: SharedMemory.self)
        let team = context.assumingMemoryBound(to: drift_team.self)
        shared.pointee.run.run(
          as: Team(shared: team, member: Int(truncatingIfNeeded: member), count: Int(truncatingIfNeeded: team.pointee.count)))
      }, UnsafeMutableRawPointer(team))
  }

  /// Behind the scratch of all threads and the arena's tail.
  private var teamMemory: UnsafeMutableRawPointer {
    let scratch = UInt64(truncatingIfNeeded: threads &- 1) &* file.model.thread_bytes
    return arena + Int(truncatingIfNeeded: file.model.arena_bytes &+ scratch)
  }

  private var teamPointer: UnsafeMutablePointer<drift_team>? {
    guard threads > 1, Session.teamFits else { return nil }
    return teamMemory.assumingMemoryBound(to: drift_team.self)
  }

  private func member(_ index: Int) -> UnsafeMutablePointer<drift_team_member> {
    let offset = ThreadMemory.controlBytes &+ UInt64(truncatingIfNeeded: index &- 1) &* ThreadMemory.memberBytes
    return (teamMemory + Int(truncatingIfNeeded: offset)).assumingMemoryBound(to: drift_team_member.self)
  }

  /// Boards' programs never leave our own code within a run, so a bare thread will do; elsewhere the language's runtime may need more.
  private func join(_ team: UnsafeMutablePointer<drift_team>, _ member: UnsafeMutablePointer<drift_team_member>) -> Int32 {
    #if hasFeature(Embedded)
      drift_team_join(team, member, UnsafeMutableRawPointer(member) + Int(truncatingIfNeeded: ThreadMemory.recordBytes))
    #else
      drift_team_join_posix(team, member)
    #endif
  }
}
