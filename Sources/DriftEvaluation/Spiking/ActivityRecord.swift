import DriftFormat
import DriftRuntime

/// What the operators of a spiking program did at each step of one or more pictures.
public struct ActivityRecord: Sendable {
  /// One step of the sampler, all pictures together.
  public struct Step: Sendable {
    /// Per operator of the file.
    public var operators: [OperatorActivity]
    /// Evaluations of the denoiser: two for a guided picture.
    public var evaluations = 0
    /// Levels that neurons still had to send after the last evaluation of each picture.
    public var distance: UInt64 = 0

    init(operators: Int) { self.operators = Array(repeating: OperatorActivity(), count: operators) }
  }

  /// In the sampler's order.
  public var steps: [Step]
  /// Pictures that were made.
  public var pictures: Int

  /// Evaluations of all steps.
  public var evaluations: Int { steps.reduce(0) { $0 + $1.evaluations } }

  /// An operator's sums over all steps.
  public func total(_ index: Int) -> OperatorActivity {
    steps.reduce(into: OperatorActivity()) { $0.add($1.operators[index]) }
  }
}

extension OperatorActivity {
  /// Adds what the same operator did elsewhere.
  mutating func add(_ other: OperatorActivity) {
    events += other.events
    neurons += other.neurons
    distance += other.distance
    synapticOperations += other.synapticOperations
    dense += other.dense
    gather += other.gather
    scatter += other.scatter
  }
}

extension IntegerSource {
  /// Makes pictures of a spiking program and counts what its operators do. Counting takes time: do not measure meanwhile.
  public func recordActivity(_ requests: [PictureRequest]) throws(ModelFileError) -> ActivityRecord {
    let count = model.file.operators.count
    let activity = UnsafeMutableBufferPointer<OperatorActivity>.allocate(capacity: count)
    activity.initialize(repeating: OperatorActivity())
    defer { activity.deallocate() }
    setActivity(activity)
    defer { setActivity(nil) }
    var record = ActivityRecord(steps: Array(repeating: .init(operators: count), count: stepCount), pictures: requests.count)
    for request in requests {
      var hasAnswers = false
      try walkSteps(request) { index in
        for position in 0..<count {
          record.steps[index].operators[position].add(activity[position])
          activity[position] = OperatorActivity()
        }
        let row = GuidanceRow(model.file.steps[index])
        let guidance = row.kind == .estimated && !hasAnswers ? .full : row
        if guidance.weight(request.guidance) != 1 { hasAnswers = true }
        record.steps[index].evaluations += guidance.evaluations(request.guidance)
        record.steps[index].distance += lastSpiking.distance
      }
    }
    return record
  }
}
