import DriftRuntime

/// Counts and times a spiking program on held-out noise: everything that `SpikingFigures` says.
public struct SpikingMeasurement: Sendable {
  /// Pictures to count; of a conditional model all classes in turn.
  public var pictures: Int
  /// Seed of their noise.
  public var seed: UInt64
  /// Weight of classifier-free guidance while counting; times are of one evaluation a step.
  public var guidance: Float
  /// Time for the rounds of timing.
  public var budget: Duration

  /// What to count and how long to time.
  public init(pictures: Int = 4, seed: UInt64, guidance: Float = 1, budget: Duration = .seconds(2)) {
    self.pictures = pictures
    self.seed = seed
    self.guidance = guidance
    self.budget = budget
  }

  /// Measures.
  /// - Parameters:
  ///   - source: the spiking program, with the options that it runs with.
  ///   - other: a plain int8 file to time in the same rounds.
  /// - Throws: `EvaluationError` if the program has no neurons, or if `other` is another model's; errors of either file.
  public func run(_ source: IntegerSource, against other: IntegerSource? = nil) throws -> SpikingFigures {
    let model = source.model
    guard model.isSpiking else {
      throw EvaluationError("\(model.path) has no neurons, so there are no events to count; convert with --target spiking")
    }
    if let other { try Self.check(source, other) }
    let labels = model.classLabels
    let requests = (0..<max(pictures, 1)).map { sample in
      PictureRequest(
        seed: seed, sampleIndex: UInt32(truncatingIfNeeded: sample),
        classLabel: labels.isEmpty ? nil : labels[sample % labels.count], guidance: guidance)
    }
    let record = try source.recordActivity(requests)
    let timing = try source.timeSpiking(PictureRequest(seed: seed, classLabel: labels.first), against: other, budget: budget)
    return SpikingFigures(model, record, timing)
  }

  /// Refuses to time a file beside a spiking one that it says nothing about: one that spikes too, or another model or sampler.
  public static func check(_ source: IntegerSource, _ other: IntegerSource) throws(EvaluationError) {
    func what(_ source: IntegerSource) -> String {
      "\(source.sampleShape.map(String.init).joined(separator: "x")) samples, \(source.stepCount) steps, \(source.classCount) classes"
    }
    for key in ["checkpoint", "sampler", "eta"] {
      let (ours, theirs) = (source.model.metadata(key) ?? "none", other.model.metadata(key) ?? "none")
      guard ours == theirs else {
        throw EvaluationError(
          "\(other.model.path) says \(key) '\(theirs)', \(source.model.path) '\(ours)'; "
            + "compare files of the same checkpoint and sampler")
      }
    }
    guard !other.model.isSpiking else {
      throw EvaluationError("\(other.model.path) sends events too; give a file converted with --target int8 to compare with")
    }
    guard Set(other.model.file.steps.map(\.program)).count == 1 else {
      throw EvaluationError(
        "\(other.model.path) has a step cache, which leaves work out at some steps; give a file converted without --step-cache")
    }
    guard what(source) == what(other) else {
      throw EvaluationError(
        "\(other.model.path) has \(what(other)), \(source.model.path) \(what(source)); "
          + "compare files of the same checkpoint and sampler")
    }
  }
}
