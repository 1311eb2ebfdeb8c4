import DriftEmission

/// Why an integer program cannot become a spiking one.
public enum SpikingError: Error, Equatable, CustomStringConvertible {
  /// Steps run different programs, whose neurons would each miss what the others' saw.
  case severalPrograms([String])
  /// No convolution reads 8-bit levels.
  case noNeurons
  /// The result is no valid image.
  case emission(EmissionError)

  /// One sentence for people.
  public var description: String {
    switch self {
    case .severalPrograms(let names):
      "a spiking program is one program for all steps, and this has \(names.joined(separator: ", ")); leave --step-cache out"
    case .noNeurons: "no convolution of this model reads 8-bit levels, so nothing could be sent as events; use --target int8"
    case .emission(let error): "\(error)"
    }
  }
}
