/// Places tensors in the arena so that those which are alive together never share bytes.
///
/// Finding the smallest arena is NP-hard (dynamic storage allocation). The planner places tensors one after the other, each at the lowest
/// offset that is free during its whole life, in several orders that are good on U-Nets; when none reaches the lower bound it keeps
/// improving the best order by moving the tensor that sticks out highest to the front. All of it is deterministic.
package struct MemoryPlanner {
  /// Offsets by position in the list of lifetimes, and where the highest tensor ends.
  package struct Plan {
    package var offsets: [UInt64]
    package var size: UInt64
  }

  package let lifetimes: [Lifetime]
  /// For each lifetime the positions of those that are alive at the same time.
  private let conflicts: [[Int]]
  /// Bytes of the tensors that are alive at each operator.
  package let liveBytes: [UInt64]

  package init(_ lifetimes: [Lifetime]) {
    self.lifetimes = lifetimes
    var liveBytes = [UInt64](repeating: 0, count: (lifetimes.map(\.last).max() ?? -1) + 1)
    for lifetime in lifetimes {
      for operation in lifetime.first...lifetime.last { liveBytes[operation] += lifetime.size }
    }
    self.liveBytes = liveBytes
    conflicts = lifetimes.indices.map { one in
      lifetimes.indices.filter { $0 != one && lifetimes[$0].overlaps(lifetimes[one]) }
    }
  }

  /// Largest sum of sizes at any operator: no plan can be smaller.
  package var lowerBound: UInt64 { liveBytes.max() ?? 0 }

  package func plan() -> Plan {
    let bound = lowerBound
    var best: (order: [Int], plan: Plan)?
    for order in startingOrders() {
      let plan = place(order)
      if best.map({ plan.size < $0.plan.size }) ?? true { best = (order, plan) }
      if plan.size == bound { return plan }
    }
    guard var best else { return Plan(offsets: [], size: 0) }

    var order = best.order
    var plan = best.plan
    for _ in 0..<attempts {
      // Whatever ends highest was placed too late to find a lower gap.
      let ends = lifetimes.indices.map { plan.offsets[$0] + lifetimes[$0].size }
      guard let highest = ends.indices.max(by: { ends[$0] < ends[$1] }), let position = order.firstIndex(of: highest), position > 0
      else { break }
      order.remove(at: position)
      order.insert(highest, at: position / 2)
      plan = place(order)
      if plan.size < best.plan.size { best = (order, plan) }
      if plan.size == bound { break }
    }
    return best.plan
  }

  /// Keeps planning well below a second: one placement costs about the number of conflicts.
  private var attempts: Int {
    let cost = conflicts.reduce(lifetimes.count) { $0 + $1.count * 4 }
    return min(2000, 40_000_000 / max(cost, 1))
  }

  private func startingOrders() -> [[Int]] {
    let all = Array(lifetimes.indices)
    func sorted(_ key: (Lifetime) -> (UInt64, UInt64)) -> [Int] {
      all.sorted { one, other in
        let (a, b) = (key(lifetimes[one]), key(lifetimes[other]))
        return a != b ? a > b : one < other
      }
    }
    func duration(_ lifetime: Lifetime) -> UInt64 { UInt64(lifetime.last - lifetime.first + 1) }
    let peaks = lifetimes.map { lifetime in liveBytes[lifetime.first...lifetime.last].max() ?? 0 }
    return [
      sorted { ($0.size, duration($0)) },
      sorted { (duration($0), $0.size) },
      sorted { ($0.size * duration($0), $0.size) },
      all.sorted { (lifetimes[$0].first, $0) < (lifetimes[$1].first, $1) },
      all.sorted { (lifetimes[$1].last, $0) < (lifetimes[$0].last, $1) },
      all.sorted { peaks[$0] != peaks[$1] ? peaks[$0] > peaks[$1] : (lifetimes[$1].size, $0) < (lifetimes[$0].size, $1) },
    ].map { order in order.filter { lifetimes[$0].isPersistent } + order.filter { !lifetimes[$0].isPersistent } }
  }

  /// Places tensors in an order, each in the lowest gap that holds it.
  private func place(_ order: [Int]) -> Plan {
    var offsets = [UInt64](repeating: .max, count: lifetimes.count)
    var size: UInt64 = 0
    var taken: [Range<UInt64>] = []
    for one in order {
      taken.removeAll(keepingCapacity: true)
      for other in conflicts[one] where offsets[other] != .max {
        taken.append(offsets[other]..<offsets[other] + lifetimes[other].size)
      }
      taken.sort { $0.lowerBound < $1.lowerBound }
      var offset: UInt64 = 0
      for range in taken {
        if range.lowerBound >= offset + lifetimes[one].size { break }
        offset = max(offset, range.upperBound)
      }
      offsets[one] = offset
      size = max(size, offset + lifetimes[one].size)
    }
    return Plan(offsets: offsets, size: size)
  }
}
