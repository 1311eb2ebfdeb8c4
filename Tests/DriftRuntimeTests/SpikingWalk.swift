import CDriftFormat
import DriftFormat
import DriftRuntime

/// How a spiking program is run, for tests that try every way.
struct SpikingWay: CustomStringConvertible {
  var strategy = SpikingOptions.Strategy.automatic
  var events = SpikingOptions.Events.graded
  var timeSteps = 0
  var resets = false
  var threads = 1
  var kernels = KernelSet.best

  var description: String {
    "\(strategy), \(events), \(timeSteps) time steps, \(resets ? "reset" : "delta"), \(threads) threads, \(kernels.kind)"
  }

  static let mostThreads = 4
  static let strategies = [SpikingOptions.Strategy.automatic, .dense, .gather, .scatter]

  /// Each strategy with graded events, and one of them with ternary events; resets, threads and kernels take turns, from `first` on.
  static func all(from first: Int) -> [SpikingWay] {
    let kernelSets = TestModel.kernelSets
    var result: [SpikingWay] = []
    for turn in first..<first + strategies.count {
      result.append(
        SpikingWay(
          strategy: strategies[turn % strategies.count], resets: turn / 4 % 3 == 0, threads: 1 + turn / 3 % mostThreads,
          kernels: kernelSets[turn / 5 % kernelSets.count]))
    }
    result.append(
      SpikingWay(
        strategy: strategies[first / 2 % strategies.count], events: .ternary, resets: first % 5 == 0, threads: 1 + first % 2,
        kernels: kernelSets[first % kernelSets.count]))
    return result
  }
}

extension TestModel {
  /// A session that runs as told; the model has memory for so many threads.
  func session(_ way: SpikingWay) throws -> Session {
    var session = try Session(file: file, arena: arena, threads: way.threads, kernels: way.kernels)
    session.spiking.strategy = way.strategy
    session.spiking.events = way.events
    session.spiking.timeSteps = way.timeSteps
    session.spiking.resetsEachStep = way.resets
    return session
  }

  /// The bits of the state after each step of a sample, and how far neurons were from rest then.
  func walk(_ request: Request, _ way: SpikingWay) throws -> (states: [[UInt32]], distances: [UInt64]) {
    var session = try session(way)
    try session.start(request)
    var result: (states: [[UInt32]], distances: [UInt64]) = ([], [])
    for step in 0..<session.stepCount {
      try session.step(step)
      result.states.append(bits(try state(of: session)))
      result.distances.append(session.lastSpiking.distance)
    }
    return result
  }

  func state(of session: Session) throws -> [Float] {
    var state = [Float](repeating: 0, count: sampleCount)
    try state.withUnsafeMutableBufferPointer { try session.copyState(into: $0) }
    return state
  }

  func answer(of session: inout Session, _ x: [Float], step: Int, classLabel: Int32 = -1, branch: Branch?) throws -> [UInt32] {
    var output = [Float](repeating: 0, count: sampleCount)
    try x.withUnsafeBufferPointer { x in
      try output.withUnsafeMutableBufferPointer {
        try session.evaluate(x, step: step, classLabel: classLabel, branch: branch, into: $0)
      }
    }
    return bits(output)
  }

  /// What spiking operators did in a sample, by opcode.
  func activity(_ request: Request, _ way: SpikingWay) throws -> [OperatorActivity] {
    var session = try session(way)
    var activity = [OperatorActivity](repeating: OperatorActivity(), count: file.operators.count)
    var output = [Float](repeating: 0, count: sampleCount)
    try activity.withUnsafeMutableBufferPointer { activity in
      session.activity = activity
      try output.withUnsafeMutableBufferPointer { try session.generate(request, into: $0) }
    }
    return activity
  }

  func fillArena(_ byte: UInt8) {
    for i in 0..<arena.count { arena[i] = byte }
  }
}
