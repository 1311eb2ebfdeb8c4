import CDriftPlatform
import DriftFormat
import DriftTool
import Spindrift

/// How a spiking model runs: options that others do not take.
struct SpikingArguments {
  private var events = SpikingOptions.Events.graded
  private var resets = false
  private var timeSteps = 0
  private var strategy = SpikingOptions.Strategy.automatic
  private var costs: EventCosts?
  /// The first of these options that was given.
  private(set) var given: RunOptions.Text?
  /// The first that says what neurons send and keep, which those of networks that were trained with them do not leave open.
  private(set) var givenForNeurons: RunOptions.Text?

  /// Takes an option if it is one of these.
  mutating func take(_ option: RunOptions.Text, _ arguments: inout Arguments) throws(ExitStatus) -> Bool {
    if arguments.name(option, is: "--events") {
      let text = try RunOptions.value(of: option, &arguments)
      if arguments.name(text, is: "ternary") {
        events = .ternary
      } else if !arguments.name(text, is: "graded") {
        throw RunOptions.misuse("--events", text, "is neither graded nor ternary")
      }
      givenForNeurons = givenForNeurons ?? option
    } else if arguments.name(option, is: "--state") {
      let text = try RunOptions.value(of: option, &arguments)
      resets = arguments.name(text, is: "reset")
      if !resets && !arguments.name(text, is: "delta") { throw RunOptions.misuse("--state", text, "is neither delta nor reset") }
      givenForNeurons = givenForNeurons ?? option
    } else if arguments.name(option, is: "--spike-steps") {
      let text = try RunOptions.value(of: option, &arguments)
      guard let number = NumberText.unsigned(text, upTo: 1_000_000), number >= 1 else {
        throw RunOptions.misuse("--spike-steps", text, "is not a number from 1 to 1000000")
      }
      timeSteps = number
    } else if arguments.name(option, is: "--strategy") {
      let text = try RunOptions.value(of: option, &arguments)
      if arguments.name(text, is: "dense") {
        strategy = .dense
      } else if arguments.name(text, is: "gather") {
        strategy = .gather
      } else if arguments.name(text, is: "scatter") {
        strategy = .scatter
      } else if !arguments.name(text, is: "auto") {
        throw RunOptions.misuse("--strategy", text, "is none of auto, dense, gather and scatter")
      }
    } else if arguments.name(option, is: "--costs") {
      let text = try RunOptions.value(of: option, &arguments)
      var values: (Float, Float, Float, Float, Float) = (0, 0, 0, 0, 0)
      let isValid = withUnsafeMutableBytes(of: &values) {
        $0.baseAddress.map { drift_parse_costs(text, $0.assumingMemoryBound(to: Float.self)) } ?? 0
      }
      guard isValid != 0 else {
        throw RunOptions.misuse("--costs", text, "is not five positive numbers with commas between them, as bench prints them")
      }
      costs = EventCosts(
        denseOperation: values.0, gatherTap: values.1, gatherOperation: values.2, scatterTap: values.3, scatterOperation: values.4)
    } else {
      return false
    }
    given = given ?? option
    return true
  }

  /// - Throws: `usage` for options that contradict each other.
  func check() throws(ExitStatus) {
    if timeSteps > 0 && events == .graded {
      throw RunOptions.misuse("--spike-steps is for --events ternary: graded events need one")
    }
  }

  /// The session's word for it.
  func options(for kernels: KernelSet) -> SpikingOptions {
    SpikingOptions(
      events: events, timeSteps: timeSteps, resetsEachStep: resets, strategy: strategy,
      costs: costs ?? .typical(of: kernels.kind))
  }
}
