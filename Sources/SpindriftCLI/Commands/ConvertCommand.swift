import ArgumentParser
import CDriftPlatform
import DriftCalibration
import DriftEvaluation
import DriftGraph
import DriftQuantization
import DriftSpiking

/// `spindrift convert`: a checkpoint becomes a `.drift` file.
struct ConvertCommand: ParsableCommand {
  /// What the program is made of.
  enum Target: String, CaseIterable, ExpressibleByArgument { case int8, spiking }

  static let configuration = CommandConfiguration(
    commandName: "convert", abstract: "Quantize a checkpoint to int8, or make spiking neurons of it, and write a .drift file.",
    discussion: """
      CHECKPOINT is a diffusers folder, an ONNX model, or a single file of tensors (.pt, .pth, .bin, .ckpt, .safetensors) of a network that is rebuilt from \
      its keys. Calibration runs the sampler on noise of --seed; the file holds scales for every step group, so \
      another sampler or number of steps needs another conversion.
      """)

  @Argument(
    help: ArgumentHelp(
      "A diffusers folder (unet/, scheduler/), the folder of a UNet2DModel, an ONNX model, or a file of tensors.",
      valueName: "checkpoint"))
  var checkpoint: String

  @Option(name: .shortAndLong, help: ArgumentHelp("The file to write.", valueName: "model.drift"))
  var output: String

  @OptionGroup(title: "Sampler") var sampler: SamplerOptions

  @OptionGroup(title: "Networks of spiking neurons") var neurons: NeuronOptions

  @OptionGroup(title: "Guidance") var guidanceSkip: GuidanceSkipOptions

  @Option(help: ArgumentHelp("Kind of program: int8, or spiking (neurons send what changes from step to step).", valueName: "name"))
  var target: Target = .int8

  @Option(help: ArgumentHelp("Runs of steps that share activation scales: auto, or how many.", valueName: "auto|n"))
  var stepGroups: StepGroupOption = .automatic

  @Option(help: ArgumentHelp("Steps from the least to the greatest value of an 8-bit operand, 1 to 255.", valueName: "n"))
  var levels: Int = OperandLevels.most

  @Flag(help: "Search the scales of 8-bit operands by the error of the noise prediction, and keep what gains on other noise.")
  var thresholdGuidance = false

  @Option(
    help: ArgumentHelp(
      "Weight of the steps where they share scales: uniform, or ndtc (more towards the clean end).", valueName: "name"))
  var calibration: CalibrationOption = .uniform

  @Option(
    help: ArgumentHelp(
      "Recompute the deep layers at every n-th step only: none, n, or auto (the least work that keeps --step-cache-quality).",
      valueName: "none|n|auto"))
  var stepCache: StepCacheOption = .none

  @Option(help: ArgumentHelp("Median PSNR to float pictures that auto keeps on calibration seeds, in dB.", valueName: "db"))
  var stepCacheQuality: Double?

  @Option(
    help: ArgumentHelp(
      "Changes of at most so many levels that neurons do not send: fewer events, and no longer the exact result.", valueName: "n"))
  var hysteresis: Int = 0

  @Option(help: ArgumentHelp("Trajectories of the calibration run.", valueName: "n"))
  var calibrationSamples: Int = 64

  @Option(help: ArgumentHelp("Seed of the calibration's noise.", valueName: "s"))
  var seed: UInt64 = CalibrationOptions.defaultSeed

  @Option(help: ArgumentHelp("Write a report, with a comparison of 16 samples, as one HTML page.", valueName: "file.html"))
  var report: String?

  @Flag(help: "Print one JSON object.")
  var json = false

  mutating func validate() throws {
    guard (1...100_000).contains(calibrationSamples) else {
      throw ValidationError("--calibration-samples \(calibrationSamples): must be between 1 and 100000")
    }
    guard (1...OperandLevels.most).contains(levels) else {
      throw ValidationError("--levels \(levels): must be between 1 and \(OperandLevels.most)")
    }
    if thresholdGuidance, stepCache != .none {
      throw ValidationError(
        "--threshold-guidance and --step-cache: the kept tensors' scales are tied from step to step; choose one of them")
    }
    if target == .spiking, stepCache != .none {
      throw ValidationError(
        "--target spiking and --step-cache: neurons keep their state from step to step, which needs one program for all steps; "
          + "choose one of them")
    }
    if guidanceSkip.choice != nil, stepCache != .none {
      throw ValidationError(
        "--guidance-skip and --step-cache: a step without the null class would leave its kept tensors behind; choose one of them")
    }
    guard (0..<levels).contains(hysteresis) else {
      throw ValidationError(
        "--hysteresis \(hysteresis): must be between 0 and \(levels - 1); no neuron of \(levels) levels would ever send")
    }
    guard hysteresis == 0 || target == .spiking else { throw ValidationError("--hysteresis is for --target spiking") }
    if let stepCacheQuality {
      guard stepCache == .automatic else { throw ValidationError("--step-cache-quality is for --step-cache auto") }
      guard (1...100).contains(stepCacheQuality) else {
        throw ValidationError("--step-cache-quality \(stepCacheQuality): must be between 1 and 100 dB")
      }
    }
  }

  func run() throws {
    let started = ContinuousClock.now
    try OutputFile.refuseSame(output, report)
    let destination = try OutputFile(output), page = try report.map { try OutputFile($0) }
    let source = try sampler.checkpoint.load(checkpoint, settings: neurons.settings)
    for remark in source.remarks { StandardError.note("\(source.description): \(remark)") }
    let steps = try sampler.plan(for: source).steps.count
    if case .count(let count) = stepGroups, count > steps {
      throw CommandError("--step-groups \(count): the sampler makes only \(steps) steps; ask for as many groups at most")
    }
    if report != nil, let shape = source.pictureShape { try PNGFile.check(channels: shape.channels, instead: "leave --report out") }

    let options = ConversionOptions(
      sampler: try sampler.samplerName(for: source.schedule), steps: sampler.stepCount, eta: sampler.eta ?? 0,
      clippedEpsilon: sampler.clippedEpsilon,
      stepGroups: stepGroups.choice, weighting: calibration.weighting, calibrationSamples: calibrationSamples, seed: seed,
      guidance: guidanceSkip.choice, stepCache: stepCache.choice(quality: stepCacheQuality), levels: levels,
      allowsNeurons: target == .spiking,
      thresholdGuidance: thresholdGuidance, hysteresis: hysteresis)
    let progress = ProgressBar()
    defer { progress.finish() }
    let (image, conversion) = try Converter(checkpoint: source, options: options).convert { progress.update($0, $1, of: $2) }
    let encoded = try (target == .spiking ? image.spiking(threshold: hysteresis) : image).encode()
    progress.finish()
    try destination.write(encoded)
    let seconds = (ContinuousClock.now - started) / .seconds(1)

    var result = ConversionResult(
      output: output, fileBytes: encoded.count, seconds: seconds, peakRssBytes: drift_peak_memory(), conversion: conversion)
    if let page {
      let model = try ModelFile(path: output)
      let outcome = try ComparisonRun(
        checkpoint: source, path: checkpoint, model: model, samples: 16, seed: 0, guidance: guidanceSkip.choice?.weight ?? 1
      ).outcome()
      result.comparison = outcome.result
      result.peakRssBytes = drift_peak_memory()
      try page.write(Array(ConversionPage.render(checkpoint: source, model: model, result: result, outcome: outcome).utf8))
    }
    if json { try JSONOutput.print(result) } else { try StandardOutput.print(result.lines().joined(separator: "\n")) }
  }
}
