import DriftCalibration
import DriftGraph
import Foundation

/// A factor for each channel of a ReLU: its scale relative to the tensor's, chosen by the squared error of its own values in a number of
/// levels. With few levels a channel of small range would have two or three of them under the scale of the others.
struct RectifierScales {
  /// One factor a channel; the value is divided by it.
  let factors: [Float]

  /// Beyond this, weights of small channels lose in 8 bits what their operands win.
  private static let greatestRatio: Float = 16

  /// - Parameters:
  ///   - histograms: of each channel, with the weight of an error in each.
  ///   - weights: of the convolutions that read it.
  ///   - levels: of the operand.
  /// Nil if the expected error of the convolutions' results is not a tenth less than with one scale for all.
  init?(histograms: [[(histogram: ActivationHistogram, weight: Double)]], weights: [Parameter], levels: OperandLevels) {
    let moments = histograms.map { ClippingMoments(weighted: $0) }
    let gains = moments.indices.map { channel in weights.reduce(0) { $0 + $1.energy(ofInput: channel) } }
    let all = zip(histograms, gains).flatMap { parts, gain in parts.map { ($0.histogram, $0.weight * gain) } }
    let common = OperandRange.search(ClippingMoments(weighted: all), levels)
    let own = moments.map { OperandRange.search($0, levels) }
    let isUsed = moments.indices.map { moments[$0].power > 0 && gains[$0] > 0 }
    let logarithms = own.indices.filter { isUsed[$0] }.map { log2(Double(own[$0].scale)) }
    guard !logarithms.isEmpty else { return nil }
    let middle = Float(exp2(logarithms.reduce(0, +) / Double(logarithms.count)))
    let factors = own.indices.map { channel in
      isUsed[channel] ? min(max(own[channel].scale / middle, 1 / Self.greatestRatio), Self.greatestRatio) : 1
    }
    /// Expected squared error of the results: that of the operand through the weights, and of the weights' own rounding.
    func error(_ factors: [Float], scale: Float) -> Double {
      let operand = moments.indices.reduce(0) { sum, channel in
        let range = OperandRange(scale: factors[channel] * scale, zeroPoint: common.zeroPoint)
        return sum + gains[channel] * range.cost(moments[channel], levels)
      }
      let power = moments.indices.reduce(0) { $0 + moments[$1].power / Double(factors[$1] * factors[$1]) }
      return operand + weights.reduce(0) { $0 + $1.roundingError(factors) * power }
    }
    let ones = [Float](repeating: 1, count: factors.count)
    guard error(factors, scale: middle) < 0.9 * error(ones, scale: common.scale) else { return nil }
    self.factors = factors
  }
}

extension Parameter {
  /// Sum of the squares of a convolution's weights of one input channel.
  fileprivate func energy(ofInput channel: Int) -> Double {
    let taps = shape[2] * shape[3]
    var sum = 0.0
    for output in 0..<shape[0] {
      let first = (output * shape[1] + channel) * taps
      for value in values[first..<first + taps] { sum += Double(value) * Double(value) }
    }
    return sum
  }

  /// Sum over output channels and taps of the mean squared error of rounding to 8 bits, with input channels times factors.
  fileprivate func roundingError(_ factors: [Float]) -> Double {
    let taps = shape[2] * shape[3], row = shape[1] * taps
    return (0..<shape[0]).reduce(0) { sum, output in
      var greatest: Float = 0
      for index in 0..<row { greatest = max(greatest, abs(values[output * row + index] * factors[index / taps])) }
      return sum + Double(greatest * greatest) / (127 * 127 * 12) * Double(taps)
    }
  }
}
