import DriftSpiking

/// Options that a network of spiking neurons, or one with levels that it was trained with, leaves no room for.
public enum SpikingOptionError: Error, Equatable, Sendable, CustomStringConvertible {
  /// No change of a tensor with so few levels would ever be sent.
  case hysteresis(Int, levels: Int)
  /// Nothing is left to search.
  case thresholdGuidance

  /// What is wrong, and what to do.
  public var description: String {
    switch self {
    case .hysteresis(let changes, let levels):
      "--hysteresis \(changes): this network has neurons of \(levels) \(levels == 1 ? "level" : "levels") by its training, which would never "
        + "send; " + (levels == 1 ? "leave it out" : "ask for \(levels - 1) at most")
    case .thresholdGuidance:
      "--threshold-guidance: the scales of this network's 8-bit operands are those of its training; leave it out, or multiply all thresholds "
        + "of spiking neurons with --threshold-factor"
    }
  }
}

extension LoweredProgram {
  /// Refuses, before the minutes of calibration, what a conversion to spikes would refuse in the end.
  func check(_ options: ConversionOptions) throws {
    let trained = tensors.compactMap { tensor in tensor.levels == nil ? nil : tensor.trained?.count }
    if options.hysteresis > 0, let least = trained.min(), options.hysteresis >= least {
      throw SpikingOptionError.hysteresis(options.hysteresis, levels: least)
    }
    if options.thresholdGuidance, thresholdLayers.isEmpty { throw SpikingOptionError.thresholdGuidance }
    guard options.allowsNeurons else { return }
    let receives = convolutions.contains { _, layer, _ in !layer.isDepthwise && tensors[layer.input].levels != nil }
    if !receives { throw SpikingError.noNeurons }
  }
}
