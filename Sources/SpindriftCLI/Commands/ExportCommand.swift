import ArgumentParser
import DriftGraph
import DriftImport
import DriftReference
import DriftSpiking

/// `spindrift export`: a denoiser for other spiking frameworks.
struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Write a checkpoint's denoiser at one timestep as a NIR graph (HDF5).",
    discussion: """
      Takes networks of convolutions, ReLU, sums, scales and 2x2 average pooling, and names every node of others. ReLU becomes IF neurons, \
      whose reset to 0 makes rates of spikes approximate.
      """)

  @Argument(help: ArgumentHelp("The checkpoint.", valueName: "checkpoint"))
  var checkpoint: String

  @Option(name: .shortAndLong, help: ArgumentHelp("Where the graph goes.", valueName: "model.nir"))
  var output: String

  @Option(
    parsing: .unconditional, help: ArgumentHelp("The timestep, one that the sampler visits (default: the first).", valueName: "t"))
  var timestep: Float?

  @Option(help: ArgumentHelp("Steps of the sampler.", valueName: "n"))
  var steps: Int = 50

  @Option(
    name: .customLong("class"), parsing: .unconditional, help: ArgumentHelp("Class label (default: \"no class\").", valueName: "k"))
  var classLabel: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Threshold of all neurons (default: each layer's largest activation of 4 samples).", valueName: "x"))
  var threshold: Float?

  @OptionGroup var options: CheckpointOptions

  mutating func validate() throws {
    guard (1...100_000).contains(steps) else { throw ValidationError("--steps \(steps): must be between 1 and 100000") }
    if let timestep, !timestep.isFinite { throw ValidationError("--timestep \(timestep): is not a number") }
    if let threshold, !(threshold.isFinite && threshold > 0) {
      throw ValidationError("--threshold \(threshold): must be above 0")
    }
    try ClassOption.validate(classLabel)
  }

  func run() throws {
    let destination = try OutputFile(output)
    if checkpoint.hasSuffix(".drift") {
      throw CommandError("\(checkpoint): export needs the float network; give the checkpoint that this file was converted from")
    }
    let model = try options.load(checkpoint)
    try ClassOption.check(classLabel, classCount: model.graph.classCount, nullClass: model.nullClass, checkpoint)
    let label = model.graph.classCount > 0 ? classLabel ?? model.nullClass : nil
    let plan = try model.plan(steps: steps)
    let step = try chosenStep(plan)
    let denoiser = FloatDenoiser(model.graph)
    let timeValues = try denoiser.evaluateTimePart(timestep: plan.steps[step].timestep, classLabel: label)
    // Refusals come before the calibration, which may take long: any threshold will do for them.
    let neurons = model.graph.ids.filter { model.graph[$0].operation.isNIRNeuron }
    let placeholder = Dictionary(uniqueKeysWithValues: neurons.map { ($0, threshold ?? 1) })
    var graph = try translated(model.graph, timeValues, placeholder)
    if threshold == nil {
      let thresholds = try calibrated(
        neurons, ReferenceSampler(denoiser: denoiser, plan: plan, nullClass: model.nullClass), step, label)
      graph = try translated(model.graph, timeValues, thresholds)
    }
    try destination.write(graph.encoded())
    let spiking = graph.nodes.count { $0.kind.type == "IF" }
    try StandardOutput.print(
      "\(output): \(graph.nodes.count) nodes, \(spiking) of them IF, \(graph.edges.count) edges, timestep \(plan.steps[step].timestep)"
    )
  }

  private func translated(_ graph: Graph, _ timeValues: [NodeID: [Float]], _ thresholds: [NodeID: Float]) throws -> NIRGraph {
    do {
      return try NIRExport.graph(graph, timeValues: timeValues, thresholds: thresholds)
    } catch {
      throw CommandError("\(checkpoint): \(error)")
    }
  }

  /// Position of the timestep in the walk.
  private func chosenStep(_ plan: SamplerPlan) throws(CommandError) -> Int {
    guard let timestep else { return 0 }
    guard let step = plan.steps.firstIndex(where: { $0.timestep == timestep }) else {
      let (first, last) = (plan.steps.first?.timestep ?? 0, plan.steps.last?.timestep ?? 0)
      throw CommandError(
        "--timestep \(timestep): is not one of the \(plan.steps.count) that \(plan.name) visits in \(steps) steps, \(first) down to \(last); give one of them, or --steps"
      )
    }
    return step
  }

  /// Each neuron's largest value at a step of 4 samples' walks; 1 where it stays 0.
  private func calibrated(_ neurons: [NodeID], _ sampler: ReferenceSampler, _ step: Int, _ label: Int?) throws -> [NodeID: Float] {
    var largest = Dictionary(uniqueKeysWithValues: neurons.map { ($0, Float(0)) })
    for sample in 0..<UInt32(4) {
      _ = try sampler.generate(
        sampleIndex: sample, classLabel: label,
        tap: { index, id, values in
          guard index == step, let seen = largest[id] else { return }
          largest[id] = values.reduce(seen, max)
        }, onStep: { $0.index < step })
    }
    return largest.mapValues { $0 > 0 ? $0 : 1 }
  }
}
