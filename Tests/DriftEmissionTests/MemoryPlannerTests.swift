import DriftEmission
import DriftFormat
import DriftTestImages
import Testing

@Suite struct MemoryPlannerTests {
  /// Tensors that are alive together must not share bytes.
  private func expectSound(_ planner: MemoryPlanner, _ plan: MemoryPlanner.Plan) {
    let lifetimes = planner.lifetimes
    for one in lifetimes.indices {
      #expect(plan.offsets[one] % 64 == 0)
      #expect(plan.offsets[one] + lifetimes[one].size <= plan.size)
      for other in lifetimes.indices where other > one && lifetimes[one].overlaps(lifetimes[other]) {
        let apart =
          plan.offsets[one] + lifetimes[one].size <= plan.offsets[other]
          || plan.offsets[other] + lifetimes[other].size <= plan.offsets[one]
        #expect(apart)
      }
    }
  }

  /// A U-Net: going down, each level leaves a skip behind that is read on the way up.
  private func uNet(levels: Int, blocks: Int, size: UInt64) -> [Lifetime] {
    var result: [Lifetime] = []
    var time = 0
    var skips: [(time: Int, size: UInt64)] = []
    func chain(_ size: UInt64) {
      result.append(Lifetime(tensor: result.count, first: time, last: time + 1, size: size))
      time += 1
    }
    for level in 0..<levels {
      let bytes = size >> UInt64(level)
      for _ in 0..<blocks {
        for _ in 0..<3 { chain(bytes) }
        skips.append((time, bytes))
        time += 1
      }
    }
    for skip in skips.reversed() {
      result.append(Lifetime(tensor: result.count, first: skip.time, last: time, size: skip.size))
      for _ in 0..<3 { chain(skip.size) }
    }
    return result
  }

  @Test(arguments: [(2, 2), (3, 2), (4, 3), (6, 4)])
  func uNetsComeWithinAFifthOfTheLowerBound(levels: Int, blocks: Int) {
    let planner = MemoryPlanner(uNet(levels: levels, blocks: blocks, size: 1 << 20))
    let plan = planner.plan()
    expectSound(planner, plan)
    #expect(Double(plan.size) <= 1.2 * Double(planner.lowerBound))
  }

  @Test(arguments: 0..<20 as Range<UInt64>)
  func randomLifetimesAreSoundAndClose(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let lifetimes = (0..<60).map { index -> Lifetime in
      let first = random.next(below: 100)
      let isPersistent = index < 3
      return Lifetime(
        tensor: index, first: isPersistent ? 0 : first, last: isPersistent ? 120 : first + 1 + random.next(below: 12),
        isPersistent: isPersistent, size: UInt64(1 + random.next(below: 40)) * 64)
    }
    let planner = MemoryPlanner(lifetimes)
    let plan = planner.plan()
    expectSound(planner, plan)
    #expect(Double(plan.size) <= 1.25 * Double(planner.lowerBound))
    #expect(planner.plan().offsets == plan.offsets)
  }

  @Test func aChainNeedsTwoTensors() {
    let planner = MemoryPlanner((0..<50).map { Lifetime(tensor: $0, first: $0, last: $0 + 1, size: 640) })
    #expect(planner.plan().size == 1280)
    #expect(planner.lowerBound == 1280)
  }

  @Test func theModelSaysWhatItNeeds() throws {
    let image = TestImages.complete()
    let model = image.model
    let end = image.tensors.map { $0.arenaOffset + UInt64($0.byteLength) }.max() ?? 0
    #expect(model.arena_bytes == (end + 63) / 64 * 64 + model.thread_bytes + FormatLimits.arenaTailBytes)
    #expect(model.thread_bytes == image.operators.map(\.record.scratch_bytes).max())
    #expect(model.arena_lower_bound <= model.arena_bytes)
    #expect(Double(model.arena_bytes) <= 1.25 * Double(model.arena_lower_bound))
  }

  @Test func brokenProgramsAreNamed() throws {
    func expectInvalid(_ record: String, _ change: (inout DriftImage) -> Void) {
      var image = TestImages.complete()
      change(&image)
      let error = #expect(throws: EmissionError.self) { try image.planMemory() }
      guard case .invalid(let found, _) = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      #expect(found.contains(record))
    }
    expectInvalid("'coarse'") { $0.operators[2].record.inputs.0 = 4000 }
    expectInvalid("'coarse'") { $0.operators[2].record.inputs.0 = -2 }
    expectInvalid("'coarse'") { $0.operators[2].record.inputs.0 = $0.operators[9].record.output }
    expectInvalid("'coarse'") { $0.operators[2].record.output = $0.operators[1].record.output }
    expectInvalid("'coarse'") { $0.operators[2].record.output = 4000 }
    expectInvalid("'x'") { $0.tensors[0].height = 0 }
    expectInvalid("'spare'") { $0.tensors.append(.init(name: "spare", type: DRIFT_TYPE_INT8, height: 1, width: 1, channels: 1)) }
    expectInvalid("'relu'") { image in
      let sum = image.operators.firstIndex { $0.name == "sum" } ?? 0
      image.operators[sum].record.inputs.1 = image.operators[sum].record.inputs.0
    }
  }
}
