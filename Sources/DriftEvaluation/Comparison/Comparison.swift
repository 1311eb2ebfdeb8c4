import DriftFormat
import DriftGraph
import DriftRuntime

/// Measures what the conversion of a checkpoint cost: a `.drift` file against the float reference, on noise that calibration never saw.
public struct Comparison: Sendable {
  /// The measurement and the pictures behind it.
  public struct Outcome: Sendable {
    /// The figures.
    public var result: ComparisonFigures
    /// Pictures of the float side, channels first, in the model's range.
    public var floatPictures: [[Float]]
    /// The integer side's, from the same noise.
    public var integerPictures: [[Float]]
  }

  /// Stages of a comparison, for progress reports.
  public enum Stage: String, Sendable {
    /// Pairs of pictures with all intermediate states.
    case pairs = "comparing samples"
    /// Float pictures from other noise.
    case floor = "float samples from other noise"
    /// Both sides alone on the machine.
    case timing = "timing"
  }

  /// Receives the stage, the finished pieces and their number; called by one thread at a time.
  public typealias Progress = @Sendable (Stage, _ done: Int, _ of: Int) -> Void

  private let float: FloatSource
  private let model: ModelFile
  private let features: any FeatureSpace
  private let options: ComparisonOptions

  /// - Parameters:
  ///   - features: nil: the pictures' pixels.
  /// - Throws: `EvaluationError` if checkpoint and file do not belong together or an option makes no sense.
  public init(checkpoint: Checkpoint, model: ModelFile, features: (any FeatureSpace)? = nil, options: ComparisonOptions) throws {
    let plan = try SamplerPlan(of: model)
    let always = model.file.model.flags & UInt32(DRIFT_MODEL_ALWAYS_CLIPPED_EPSILON.rawValue) != 0
    let record = model.file.model
    let shape = Shape(channels: Int(record.sample_channels), height: Int(record.sample_height), width: Int(record.sample_width))
    guard checkpoint.graph.sampleShape == shape, checkpoint.graph.classCount == Int(record.class_count) else {
      let found = checkpoint.graph.sampleShape?.description ?? "no"
      throw EvaluationError(
        "\(model.path) makes \(shape) samples of \(record.class_count) classes, the checkpoint \(found) samples of "
          + "\(checkpoint.graph.classCount) classes; compare a file with the checkpoint it was converted from")
    }
    try Self.checkNeurons(checkpoint, model)
    var checkpoint = checkpoint
    let nullClass = record.null_class < 0 ? nil : Int(record.null_class)
    guard checkpoint.nullClass == nil || checkpoint.nullClass == nullClass else {
      throw EvaluationError(
        "\(model.path) has \(nullClass.map { "the null class \($0)" } ?? "no null class"), the checkpoint \(checkpoint.nullClass ?? 0); "
          + "give the --null-class that the file was converted with")
    }
    checkpoint.nullClass = nullClass
    float = try FloatSource(checkpoint, plan: plan, clippedEpsilon: always)
    guard float.channels == Int(record.picture_channels), float.height == Int(record.picture_height),
      float.width == Int(record.picture_width)
    else {
      throw EvaluationError(
        "\(model.path) makes pictures of \(record.picture_channels)x\(record.picture_height)x\(record.picture_width), the checkpoint of "
          + "\(float.channels)x\(float.height)x\(float.width); compare a file with the checkpoint it was converted from")
    }
    guard options.samples > 0 else {
      throw EvaluationError("\(options.samples) samples cannot be compared; at least one is needed")
    }
    guard options.guidance == 1 || record.null_class >= 0 else {
      throw EvaluationError("\(model.path) has no null class, which guidance \(options.guidance) needs; use guidance 1")
    }
    self.model = model
    self.options = options
    self.features = features ?? PixelFeatures(channels: float.channels, height: float.height, width: float.width)
  }

  /// Refuses to compare networks of spiking neurons that run for different times or fire at different thresholds.
  private static func checkNeurons(_ checkpoint: Checkpoint, _ model: ModelFile) throws(EvaluationError) {
    let (ours, theirs) = (Int(model.file.model.spike_steps), checkpoint.graph.spikingSteps ?? 0)
    guard ours == theirs else {
      throw EvaluationError(
        "\(model.path) has \(ours) spiking steps an evaluation, the checkpoint \(theirs); "
          + (ours > 0 && theirs > 0
            ? "give --architecture-option steps=\(ours)" : "compare a file with the checkpoint it was converted from"))
    }
    let fire = model.file.operators.first { $0.opcode == UInt32(DRIFT_OP_FIRE.rawValue) }
    guard let fire, let threshold = checkpoint.graph.firstThreshold, fire.gain != threshold else { return }
    throw EvaluationError(
      "\(model.path) has neurons of the threshold \(fire.gain), the checkpoint \(threshold); "
        + "give --architecture-option threshold_factor=\(fire.gain / threshold) times the factor that was given, if any")
  }

  /// The seed to use instead of one that calibration has used; the same seed if it has not.
  public static func heldOutSeed(_ seed: UInt64, model: ModelFile) -> UInt64 {
    model.metadata("calibration.seed").flatMap(UInt64.init) == seed ? seed &+ 1 : seed
  }

  /// Seed of the float pictures that the Frechet distances are measured to.
  private var otherSeed: UInt64 {
    Self.heldOutSeed(options.seed &+ 0x9E37_79B9_7F4A_7C15, model: model)
  }

  /// The class of a sample: all of the model's in turn.
  private func label(_ sample: Int) -> Int? {
    let labels = model.classLabels
    return labels.isEmpty ? nil : labels[sample % labels.count]
  }

  private func request(_ sample: Int, seed: UInt64) -> PictureRequest {
    PictureRequest(
      seed: seed, sampleIndex: UInt32(truncatingIfNeeded: sample), classLabel: label(sample), guidance: options.guidance)
  }

  /// Measures. Takes about `3 * samples * steps` float evaluations of the denoiser.
  public func run(progress: @escaping Progress = { _, _, _ in }) throws -> Outcome {
    let (count, workers) = (options.samples, options.workers)
    let pairs = try WorkerPool.map(count, workers: workers, done: { progress(.pairs, $0, count) }) {
      let comparer = try SampleComparer(float: float, model: model, spiking: options.spiking)
      return { try comparer.compare(request($0, seed: options.seed)) }
    }
    let others = try WorkerPool.map(count, workers: workers, done: { progress(.floor, $0, count) }) {
      { try float.generate(request($0, seed: otherSeed)) { (_: Int) in } }
    }
    let (floatPictures, integerPictures) = (pairs.map(\.floatPicture), pairs.map(\.integerPicture))
    let (frechet, accuracy) = try judge(floatPictures, integerPictures, others)
    progress(.timing, 0, 1)
    let timing = try time()
    let spiking = try model.isSpiking ? account() : nil
    progress(.timing, 1, 1)

    let steps = float.stepCount
    let programs = ProgramUse.all(of: model)
    let range = Double(float.dataRange.upperBound - float.dataRange.lowerBound)
    let psnr = pairs.map { ErrorPower(reference: $0.floatPicture, candidate: $0.integerPicture).psnr(range: range) }
    let result = ComparisonFigures(
      sqnrDb: .init(Self.sum(pairs.map(\.noise), steps)), updateSqnrDb: .init(Self.sum(pairs.map(\.update), steps)),
      psnrDb: .init(median: psnr.median ?? .infinity, p5: psnr.quantile(0.05) ?? .infinity, least: psnr.min() ?? .infinity),
      frechet: frechet, accuracy: accuracy, samples: count, steps: steps, guidance: Double(options.guidance),
      evaluationsPerPicture: model.evaluations(guidance: options.guidance),
      floatEvaluationsPerPicture: steps * GuidanceRow.full.evaluations(options.guidance), seed: options.seed,
      fileBytes: model.file.bytes.count, arenaBytes: model.file.model.arena_bytes,
      multiplyAddsPerStep: programs.multiplyAddsPerStep, fullSteps: programs[0].steps, programs: programs,
      msPerStep: timing.integer, floatMsPerStep: timing.float, spiking: spiking)
    return Outcome(result: result, floatPictures: floatPictures, integerPictures: integerPictures)
  }

  private static func sum(_ samples: [[ErrorPower]], _ steps: Int) -> [ErrorPower] {
    samples.reduce(into: [ErrorPower](repeating: ErrorPower(), count: steps)) { sums, sample in
      for (step, power) in sample.enumerated() { sums[step].add(power) }
    }
  }

  private func judge(
    _ floatPictures: [[Float]], _ integerPictures: [[Float]], _ others: [[Float]]
  ) throws -> (ComparisonFigures.Frechet, ComparisonFigures.Accuracy?) {
    let float = try floatPictures.map(features.describe), integer = try integerPictures.map(features.describe)
    let reference = try FeatureStatistics(of: others.map { try features.describe($0).features })
    let floatStatistics = try FeatureStatistics(of: float.map(\.features))
    let integerStatistics = try FeatureStatistics(of: integer.map(\.features))
    let frechet = ComparisonFigures.Frechet(
      features: features.name, value: try integerStatistics.frechetDistance(to: reference),
      floatFloor: try floatStatistics.frechetDistance(to: reference),
      valueToData: try features.dataStatistics.map { try integerStatistics.frechetDistance(to: $0) },
      floatToData: try features.dataStatistics.map { try floatStatistics.frechetDistance(to: $0) })

    guard !model.classLabels.isEmpty, float.allSatisfy({ $0.label != nil }) else { return (frechet, nil) }
    func share(_ matches: (Int) -> Bool) -> Double { Double((0..<float.count).filter(matches).count) / Double(float.count) }
    let accuracy = ComparisonFigures.Accuracy(
      float: share { float[$0].label == label($0) }, int8: share { integer[$0].label == label($0) },
      agreement: share { float[$0].label == integer[$0].label })
    return (frechet, accuracy)
  }

  /// Milliseconds per step of either side alone on one thread: the median of three pictures.
  private func time() throws -> (integer: Double, float: Double) {
    let integer = try IntegerSource(model, spiking: options.spiking)
    func milliseconds(_ source: some PictureSource) throws -> Double {
      let clock = ContinuousClock()
      let rounds = try (0..<3).map { round in
        let duration = try clock.measure { _ = try source.generate(request(round, seed: options.seed)) { _ in } }
        return duration / .milliseconds(1) / Double(source.stepCount)
      }
      return rounds.median ?? 0
    }
    return (try milliseconds(integer), try milliseconds(float))
  }

  /// What the events of a few of the pictures come to.
  private func account() throws -> SpikingFigures {
    let measurement = SpikingMeasurement(pictures: min(options.samples, 4), seed: options.seed, guidance: options.guidance)
    return try measurement.run(IntegerSource(model, spiking: options.spiking))
  }
}
