/// Gives lanes to runs of rows, so that no two runs of a lane overlap. Runs come in the order of their first rows.
struct LaneAllocation {
  private var ends: [Int] = []

  /// Lanes in use.
  var count: Int { ends.count }

  /// Takes a row of a lane.
  mutating func take(_ lane: Int, at row: Int) {
    while ends.count <= lane { ends.append(.min) }
    ends[lane] = max(ends[lane], row)
  }

  /// The first lane, from one on, that is free.
  mutating func allocate(_ run: ClosedRange<Int>, from first: Int) -> Int {
    var lane = first
    while lane < ends.count, ends[lane] >= run.lowerBound { lane += 1 }
    take(lane, at: run.upperBound)
    return lane
  }
}
