/// A step cache that cannot be.
public enum StepCacheError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The graph has no single tensor between its deep part and the rest.
  case noCut
  /// The interval is not in the sampler's range.
  case interval(Int, steps: Int)
  /// The sampler has no second step that could use what the first one keeps.
  case singleStep
  /// The network's neurons have membranes, which run through several steps for each answer.
  case spikingNeurons
  /// No candidate is as close to the float pictures as was asked.
  case bound(Double, best: Double)

  /// What is wrong, and what to do.
  public var description: String {
    switch self {
    case .noCut:
      "the step cache needs a tensor that the answer is computed from together with the sample, at less than three quarters of the work, "
        + "and this network has none; convert it without --step-cache"
    case .interval(let interval, let steps):
      "--step-cache \(interval): a full evaluation every 2 to \(steps) of the sampler's \(steps) steps is possible; "
        + (interval < 2 ? "every step in full is --step-cache none" : "ask for a shorter interval")
    case .singleStep:
      "the step cache saves work from the second step on, and the sampler makes one; convert without --step-cache, or ask for more --steps"
    case .spikingNeurons:
      "the step cache keeps one value of each tensor, and a network of spiking neurons has one for each of its steps; convert it without "
        + "--step-cache"
    case .bound(let bound, let best):
      "--step-cache auto: even the best candidate reaches \(rounded(best)) dB on calibration seeds, and \(rounded(bound)) dB were asked "
        + "for; lower --step-cache-quality, or convert without --step-cache"
    }
  }

  private func rounded(_ value: Double) -> Double { (value * 10).rounded() / 10 }
}
