import ArgumentParser
import DriftEvaluation
import DriftRuntime

/// `spindrift bench`: how fast a `.drift` file runs here.
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench", abstract: "Time the steps and operators of a .drift file on this machine.",
    discussion: """
      The int8 peak is measured in the same run, before and after: the multiply-add instructions of the same kernels on registers alone; \
      and so is how fast memory is read. The environment variable SPINDRIFT_KERNEL stands for --kernel.
      """)

  @Argument(help: ArgumentHelp("The .drift file.", valueName: "model.drift"))
  var model: String

  @Option(help: ArgumentHelp("Threads of the session.", valueName: "n"))
  var threads: Int = 1

  @Option(help: ArgumentHelp("Kernels to use (default: the fastest): \(Kernels.names).", valueName: "name"))
  var kernel: String?

  @Option(help: ArgumentHelp("Seconds to measure for.", valueName: "s"))
  var seconds: Double = 4

  @Option(
    help: ArgumentHelp(
      "An int8 file of the same checkpoint and sampler, to time beside a spiking program in turns.", valueName: "other.drift"))
  var against: String?

  @OptionGroup(title: "Spiking programs") var spiking: SpikingRunOptions

  @Flag(help: "Print one JSON object.")
  var json = false

  mutating func validate() throws {
    guard threads >= 1 else { throw ValidationError("--threads \(threads): at least one is needed") }
    guard seconds > 0, seconds <= 3600 else { throw ValidationError("--seconds \(seconds): must be above 0 and at most 3600") }
  }

  func run() throws {
    let (file, kernels) = (try ModelFile(path: model), try Kernels.chosen(kernel))
    let costs = file.isSpiking ? EventCosts.measure(kernels) : nil
    var options = try spiking.options(for: file, kernels: kernels)
    if let costs, spiking.costs == nil { options.costs = costs }
    let source = try IntegerSource(file, threads: threads, kernels: kernels, spiking: options)
    let other = try otherSource(beside: source)
    let request = PictureRequest(seed: 0, classLabel: source.model.classLabels.first)
    let peak = try KernelPeak.measure(source.kernels, threads: threads, budget: .seconds(seconds / 8))
    // Steps that run different programs count by their share, which a whole picture has.
    let minimum = source.model.file.programs.count > 1 ? source.stepCount : 10
    let timing = try source.timeSteps(request, budget: .seconds(seconds * 5 / 8), minimum: minimum)
    let bandwidth = MemoryBandwidth.measure(threads: threads, budget: .seconds(seconds / 8)) ?? 0
    let again = try KernelPeak.measure(source.kernels, threads: threads, budget: .seconds(seconds / 8))
    let result = BenchResult(
      Inspection(source.model), timing: timing, threads: threads, kernels: source.kernels, peak: max(peak, again),
      bandwidth: bandwidth, costs: costs, spiking: try spikingFigures(source, against: other))
    if json { try JSONOutput.print(result) } else { try StandardOutput.print(result.lines().joined(separator: "\n")) }
  }

  /// The file of `--against`.
  private func otherSource(beside source: IntegerSource) throws -> IntegerSource? {
    guard let against else { return nil }
    guard source.model.isSpiking else {
      throw CommandError("--against: \(model) sends no events; give a spiking program first")
    }
    let other = try IntegerSource(ModelFile(path: against), threads: threads, kernels: source.kernels)
    try SpikingMeasurement.check(source, other)
    return other
  }

  /// What the events of a spiking program come to; nil for other programs.
  private func spikingFigures(_ source: IntegerSource, against other: IntegerSource?) throws -> SpikingFigures? {
    guard source.model.isSpiking else { return nil }
    let seed = Comparison.heldOutSeed(0, model: source.model)
    return try SpikingMeasurement(pictures: 2, seed: seed, budget: .seconds(seconds / 2)).run(source, against: other)
  }
}
