import DriftCalibration
import DriftEmission
import DriftGraph
import DriftReference

/// Converts a float checkpoint to an int8 program: lower, calibrate, choose scales, quantize weights, write down.
public struct Converter: Sendable {
  /// Called with a stage's name and how much of it is done; from several threads.
  public typealias Progress = @Sendable (_ stage: String, _ done: Int, _ of: Int) -> Void

  /// What is converted.
  public let checkpoint: Checkpoint
  /// How.
  public let options: ConversionOptions

  /// A conversion of a checkpoint.
  public init(checkpoint: Checkpoint, options: ConversionOptions) {
    self.checkpoint = checkpoint
    self.options = options
  }

  /// Runs the conversion.
  /// - Returns: the image, memory planned, ready to be encoded, and what was done. The same checkpoint and options give the same image.
  /// - Throws: `LoweringError` for a node that has no integer form, `ScheduleError` for a sampler that cannot be, `GuidanceError` where
  ///   guidance cannot be made cheaper, `StepCacheError` for a cache that cannot be, `ReferenceError`, `EmissionError`.
  public func convert(progress: @escaping Progress = { _, _, _ in }) throws -> (DriftImage, ConversionReport) {
    let plan = try checkpoint.plan(sampler: options.sampler, steps: options.steps, eta: options.eta)
    if let guidance = options.guidance { try GuidanceSearch.check(checkpoint, plan: plan, options: guidance) }
    // Before the minutes of calibration: what an integer program cannot hold.
    let decoding = try checkpoint.decoder.map { try Lowering.lower($0, precise: []) }
    let outline = try lowered(checkpoint.graph)
    try outline.check(options)
    try outline.checkCache(options.stepCache, steps: plan.steps.count)
    let program = try lowered(try scaled(try balanced(plan), plan)).withLevels(options.levels)
    var source = checkpoint
    source.graph = program.graph
    source.decoder = decoding?.graph

    let (statistics, decoderStatistics) = try Calibration.run(
      source, plan: plan, targets: program.calibrationTargets, decoderTargets: decoding?.calibrationTargets, options: calibration
    ) { progress("calibrate", $0, $1) }

    progress("quantize", 0, 1)
    let weights = program.quantizeWeights(statistics)
    var decoder: DecoderProgram?
    if let decoding, let decoderStatistics {
      decoder = try DecoderProgram(decoding, statistics: decoderStatistics, plan: plan)
    }
    let denoiser = FloatDenoiser(program.graph)
    let stepTable = try StepTable(
      nodes: program.stepNodes, denoiser: denoiser, plan: plan, spikeSteps: program.spikeSteps)
    var assembly = ImageAssembly(
      checkpoint: checkpoint, plan: plan, options: options, program: program,
      scales: program.chooseScales(statistics, groups: options.stepGroups, weighting: options.weighting), weights: weights,
      stepTable: stepTable, stored: try StoredValues(program, denoiser: denoiser, plan: plan),
      outputScales: try program.outputScales(denoiser, plan: plan), decoder: decoder)
    progress("quantize", 1, 1)
    let clipping = try chooseClipping(&assembly, statistics: statistics, progress: progress)
    let eventGroups = try chooseEventGroups(&assembly, statistics: statistics, source: source, progress: progress)
    let cached = try assembly.chooseCache(progress: progress)
    var image = try assembly.image(cached?.cache)
    var thresholds: ThresholdReport?
    if options.thresholdGuidance {
      thresholds = try guideThresholds(&image, program: program, source: source, plan: plan, progress: progress)
      assembly.scales = assembly.scales.taken(from: image)
    }
    let guidance = try options.guidance.map {
      try cheapenGuidance($0, &image, source: source, plan: plan, progress: progress)
    }

    let validation = try Validation.run(source, plan: plan, image: image, options: options) { progress("validate", $0, $1) }
    let report = ConversionReport(
      layers: program.layers(scales: assembly.scales, weights: weights, statistics: statistics) + (decoder?.layers ?? []),
      groupBounds: assembly.scales.grouping.groups.map(\.lowerBound) + [plan.steps.count],
      calibrationSamples: options.calibrationSamples, calibrationSeed: options.seed, validationSQNR: validation,
      guidance: guidance, stepCache: cached?.report, clipping: clipping, eventGroups: eventGroups, thresholds: thresholds)
    return (image, report)
  }

  private func lowered(_ graph: Graph) throws -> LoweredProgram {
    let program = try Lowering.lower(graph, precise: [], allowsNeurons: options.allowsNeurons)
    if program.isSpiking, options.stepCache != .none { throw StepCacheError.spikingNeurons }
    return program
  }

  private var calibration: CalibrationOptions {
    CalibrationOptions(
      samples: options.calibrationSamples, seed: options.seed, weighting: options.weighting,
      guidance: options.guidance?.weight ?? GuidanceOptions.defaultWeight, clippedEpsilon: options.clippedEpsilon)
  }

  /// From here on one scale for all channels is better: own scales clip the rare trajectory that leaves a channel's range, and the median
  /// picture of models/digits-relu with 63 levels loses 2 dB.
  private static let rectifierLevels = 32

  /// The graph with scales of their own for the channels of ReLUs, where levels are few.
  private func scaled(_ graph: Graph, _ plan: SamplerPlan) throws -> Graph {
    let levels = OperandLevels(options.levels)
    guard options.levels < Self.rectifierLevels else { return graph }
    var source = checkpoint
    source.graph = try graph.splittingConcatenatedConvolutions()
    return try source.graph.scalingRectifiers(levels: levels) { nodes in
      try ChannelHistograms.measure(
        nodes, of: source, plan: plan, samples: options.calibrationSamples, options: calibration)
    }
  }

  /// Trajectories that show the channels' ranges; extremes of channels need fewer than scales do.
  private static let balancingSamples = 8

  /// The checkpoint's graph with normalizations' channels in balance.
  private func balanced(_ plan: SamplerPlan) throws -> Graph {
    try checkpoint.graph.balancingNormalizations { nodes in
      try ChannelRanges.measure(
        nodes, of: checkpoint, plan: plan, samples: min(Self.balancingSamples, options.calibrationSamples), options: calibration)
    }
  }
}
