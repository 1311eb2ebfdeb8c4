import CDriftPlatform

/// One member's view of the threads that run a program together. All members run the same operators in the same order; within an
/// operator each does a share, and none goes on to the next before all are done.
struct Team {
  /// Nil if there is only this thread.
  let shared: UnsafeMutablePointer<drift_team>?
  let member: Int
  let count: Int

  /// A single thread.
  static var alone: Team { Team(shared: nil, member: 0, count: 1) }

  /// Waits for all members. What they wrote before is seen after.
  @inline(__always)
  func barrier() {
    if let shared { drift_team_barrier(shared) }
  }

  /// Runs `body` for 0 ..< pieces, each piece on whichever member comes first. A barrier has to follow before the next call.
  @inline(__always)
  func forEach(_ pieces: Int, _ body: (Int) -> Void) {
    guard let shared else {
      for piece in 0..<pieces { body(piece) }
      return
    }
    while true {
      let piece = Int(truncatingIfNeeded: drift_team_claim(shared))
      guard piece < pieces else { return }
      body(piece)
    }
  }

  /// This member's part of 0 ..< total: runs of whole `granule`s, as equal as they can be.
  func share(of total: Int, granule: Int = 1) -> Range<Int> {
    // No product here exceeds the total by more than a granule, so 32 bits hold them all.
    let granules = (total &+ granule &- 1) / granule
    let (each, rest) = (granules / count, granules % count)
    let first = (each &* member &+ min(member, rest)) &* granule
    let end = first &+ (each &+ (member < rest ? 1 : 0)) &* granule
    return min(first, total)..<min(end, total)
  }
}
