import ArgumentParser
import CDriftPlatform
import DriftEvaluation
import DriftRuntime

/// How a spiking `.drift` file runs.
struct SpikingRunOptions: ParsableArguments {
  /// `--events`.
  enum EventKind: String, CaseIterable, ExpressibleByArgument { case graded, ternary }
  /// `--state`.
  enum State: String, CaseIterable, ExpressibleByArgument { case delta, reset }
  /// `--strategy`.
  enum Strategy: String, CaseIterable, ExpressibleByArgument { case auto, dense, gather, scatter }

  @Option(
    help: ArgumentHelp("What neurons send: graded (whole differences) or ternary (one level a time step).", valueName: "kind"))
  var events: EventKind?

  @Option(
    help: ArgumentHelp("Whether neurons keep their state from step to step: delta, or reset.", valueName: "kind"))
  var state: State?

  @Option(help: ArgumentHelp("Time steps of an evaluation with ternary events (default: until all are at rest).", valueName: "n"))
  var spikeSteps: Int?

  @Option(
    help: ArgumentHelp(
      "How convolutions take events: auto (by cost, each layer and step), dense, gather, scatter.", valueName: "name"))
  var strategy: Strategy?

  @Option(
    help: ArgumentHelp(
      "What auto goes by: five numbers with commas, as bench prints them for this CPU (default: typical ones).",
      valueName: "a,b,c,d,e"))
  var costs: String?

  mutating func validate() throws {
    if let spikeSteps {
      guard (1...1_000_000).contains(spikeSteps) else {
        throw ValidationError("--spike-steps \(spikeSteps): must be between 1 and 1000000")
      }
      guard events == .ternary else { throw ValidationError("--spike-steps is for --events ternary: graded events need one") }
    }
    if let costs, EventCosts(text: costs) == nil {
      throw ValidationError("--costs \(costs): must be five positive numbers with commas between them, as bench prints them")
    }
  }

  /// The first option that was given.
  var firstGiven: String? {
    if events != nil { return "--events" }
    if state != nil { return "--state" }
    if spikeSteps != nil { return "--spike-steps" }
    if strategy != nil { return "--strategy" }
    return costs == nil ? nil : "--costs"
  }

  /// The session's word for it.
  /// - Throws: `CommandError` if an option was given for a file that does not spike.
  func options(for model: ModelFile, kernels: KernelSet) throws(CommandError) -> SpikingOptions {
    var options = SpikingOptions(costs: costs.flatMap { EventCosts(text: $0) } ?? .typical(of: kernels.kind))
    guard let given = firstGiven else { return options }
    guard model.file.isSpiking else {
      throw CommandError("\(given): \(model.path) is no spiking program; leave it out, or convert with --target spiking")
    }
    if model.file.model.spike_steps > 0, let given = events != nil ? "--events" : state != nil ? "--state" : nil {
      throw CommandError(
        "\(given): \(model.path) is a network of spiking neurons, which send spikes and start anew at each evaluation; leave it out"
      )
    }
    options.events = events == .ternary ? .ternary : .graded
    options.timeSteps = spikeSteps ?? 0
    options.resetsEachStep = state == .reset
    switch strategy {
    case nil, .auto: options.strategy = .automatic
    case .dense: options.strategy = .dense
    case .gather: options.strategy = .gather
    case .scatter: options.strategy = .scatter
    }
    return options
  }
}

extension EventCosts {
  /// Five positive numbers with commas, in the order of the properties.
  init?(text: String) {
    var values = [Float](repeating: 0, count: 5)
    guard drift_parse_costs(text, &values) != 0 else { return nil }
    self.init(
      denseOperation: values[0], gatherTap: values[1], gatherOperation: values[2], scatterTap: values[3],
      scatterOperation: values[4])
  }

  /// As `init(text:)` takes it.
  var text: String {
    [denseOperation, gatherTap, gatherOperation, scatterTap, scatterOperation].map { "\($0)" }.joined(separator: ",")
  }
}
