import Foundation

/// Power of a signal and of the error that an approximation makes of it, summed over as many values as are added.
public struct ErrorPower: Sendable, Equatable {
  /// Sum of squares of the reference.
  public private(set) var signal = 0.0
  /// Sum of squares of reference minus candidate.
  public private(set) var error = 0.0
  /// Values added so far.
  public private(set) var count = 0

  /// No values yet.
  public init() {}

  /// Power of one pair of equally long signals.
  public init(reference: some Collection<Float>, candidate: some Collection<Float>) {
    add(reference: reference, candidate: candidate)
  }

  /// Adds a pair of equally long signals; what one has more than the other is left out.
  public mutating func add(reference: some Collection<Float>, candidate: some Collection<Float>) {
    for (a, b) in zip(reference, candidate) {
      let difference = Double(a) - Double(b)
      signal += Double(a) * Double(a)
      error += difference * difference
      count += 1
    }
  }

  /// Adds what was summed elsewhere.
  public mutating func add(_ other: ErrorPower) {
    signal += other.signal
    error += other.error
    count += other.count
  }

  /// Signal-to-quantization-noise ratio, 10 log10(signal / error), in dB; infinite where the two are equal.
  public var sqnr: Double { error == 0 ? .infinity : 10 * log10(signal / error) }

  /// Peak signal-to-noise ratio, 10 log10(range^2 / mean squared error), in dB; infinite where the two are equal.
  /// - Parameter range: distance between the largest and the smallest value that the signal can take.
  public func psnr(range: Double) -> Double {
    error == 0 ? .infinity : 10 * log10(range * range * Double(count) / error)
  }
}
