import DriftFormat
import DriftTool
import Spindrift

extension RunOptions {
  /// Holds the options against what the model can do.
  /// - Throws: `failed`, after naming the option and the model's bounds.
  func check(against file: DriftFile) throws(ExitStatus) {
    let facts = file.model
    let classes = UInt64(facts.class_count)
    let hasNullClass = facts.null_class >= 0
    if classLabel >= 0 {
      if classes == 0 { throw refuse("--class", UInt64(classLabel), "knows no classes; leave the option out") }
      if UInt64(classLabel) >= classes { throw refuse("--class", UInt64(classLabel), "knows the classes 0 to ", classes - 1) }
    } else if classes > 0, !hasNullClass {
      StandardError.begin()
      StandardError.write(argument: model)
      StandardError.write(" has no class that means \"none\"; give --class 0 to ")
      StandardError.write(classes - 1)
      StandardError.write("\n")
      throw .failed
    }
    if guidance != 1, !hasNullClass, let guidanceText {
      StandardError.begin()
      StandardError.write("--guidance ")
      StandardError.write(argument: guidanceText)
      StandardError.write(": ")
      StandardError.write(argument: model)
      StandardError.write(" has no class that means \"none\", which guidance needs; leave the option out\n")
      throw .failed
    }
    if let given = spiking.given, !file.isSpiking {
      throw refuse(given, " is no spiking program; leave the option out, or convert with --target spiking\n")
    }
    if let given = spiking.givenForNeurons, facts.spike_steps > 0 {
      throw refuse(
        given, " is a network of spiking neurons, which send spikes and start anew at each evaluation; leave the option out\n")
    }
    if UInt64(threads) > UInt64(facts.max_threads) {
      throw refuse("--threads", UInt64(threads), "runs on at most this many threads: ", UInt64(facts.max_threads))
    }
  }

  private func refuse(_ option: Text, _ reason: StaticString) -> ExitStatus {
    StandardError.begin()
    StandardError.write(argument: option)
    StandardError.write(": ")
    StandardError.write(argument: model)
    StandardError.write(reason)
    return .failed
  }

  private func refuse(_ option: StaticString, _ value: UInt64, _ reason: StaticString, _ bound: UInt64? = nil) -> ExitStatus {
    StandardError.begin()
    StandardError.write(option)
    StandardError.write(" ")
    StandardError.write(value)
    StandardError.write(": ")
    StandardError.write(argument: model)
    StandardError.write(" ")
    StandardError.write(reason)
    if let bound { StandardError.write(bound) }
    StandardError.write("\n")
    return .failed
  }
}
