import Foundation

/// Measures of how close two arrays are.
enum Measures {
  /// Signal to quantization noise ratio in decibels.
  static func sqnr(_ expected: [Float], _ found: [Float]) -> Double {
    let signal = expected.reduce(0) { $0 + Double($1) * Double($1) }
    return 10 * log10(signal / error(expected, found))
  }

  /// Peak signal to noise ratio in decibels, for values in a range as wide as `range`.
  static func psnr(_ expected: [Float], _ found: [Float], range: Double) -> Double {
    10 * log10(range * range / (error(expected, found) / Double(expected.count)))
  }

  private static func error(_ a: [Float], _ b: [Float]) -> Double {
    precondition(a.count == b.count)
    return zip(a, b).reduce(0) { $0 + (Double($1.0) - Double($1.1)) * (Double($1.0) - Double($1.1)) }
  }
}
