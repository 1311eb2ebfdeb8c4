import DriftCalibration
import DriftGraph
import Foundation

/// A factor for each channel of a value that convolutions alone read: the value is divided by it, the weights are multiplied. The float
/// result stays the same; channels of like range lose less to the one scale of an int8 operand, while weights, with a scale for each
/// output channel, have precision to spare (SmoothQuant, section 4, per layer instead of with one exponent for all).
struct ChannelBalance {
  /// One factor a channel.
  let factors: [Float]

  /// How much of a channel's range moves to the weights; what they tell of their own range moves to the value.
  private static let exponents: [Float] = [0.25, 0.5, 0.75, 1]

  /// The factors of the least estimated error of the convolutions' results; nil if that is not a quarter less than with the channels as they are.
  init?(ranges: ChannelRanges, weights: [Parameter]) {
    let channels = ranges.lows.indices
    let spans = channels.map { max(ranges.highs[$0], -ranges.lows[$0]) }
    let magnitudes = channels.map { channel in weights.reduce(0) { max($0, $1.magnitude(ofInput: channel)) } }
    let candidates = Self.exponents.map { exponent in
      channels.map { channel -> Float in
        guard spans[channel].isFinite, spans[channel] > 0, magnitudes[channel] > 0 else { return 1 }
        let factor = pow(spans[channel], exponent) / pow(magnitudes[channel], 1 - exponent)
        return min(max(factor, 0x1p-10), 0x1p10)
      }
    }
    let ones = channels.map { _ in Float(1) }
    let untouched = Self.error(ones, ranges, weights)
    guard let best = candidates.map({ ($0, Self.error($0, ranges, weights)) }).min(by: { $0.1 < $1.1 }), best.1 < 0.75 * untouched
    else { return nil }
    factors = best.0
  }

  /// Expected squared error of all results: rounding of the operand passes through the weights, rounding of the weights scales the operand.
  private static func error(_ factors: [Float], _ ranges: ChannelRanges, _ weights: [Parameter]) -> Double {
    var (low, high) = (Float(0), Float(0))
    for channel in factors.indices where ranges.lows[channel] <= ranges.highs[channel] {
      low = min(low, ranges.lows[channel] / factors[channel])
      high = max(high, ranges.highs[channel] / factors[channel])
    }
    let operandStep = Double(high - low) / 255
    let powers = zip(ranges.meanSquares, factors).map { $0 / Double($1 * $1) }
    var error = 0.0
    for weight in weights {
      let taps = weight.shape[2] * weight.shape[3], row = weight.shape[1] * taps
      let power = powers.reduce(0, +) * Double(taps)
      for output in 0..<weight.shape[0] {
        var (greatest, squares) = (Float(0), 0.0)
        for index in 0..<row {
          let value = weight.values[output * row + index] * factors[index / taps]
          greatest = max(greatest, abs(value))
          squares += Double(value) * Double(value)
        }
        let weightStep = Double(greatest) / 127
        error += operandStep * operandStep * squares + weightStep * weightStep * power
      }
    }
    return error
  }
}

extension Parameter {
  /// The greatest magnitude of a convolution's weights of one input channel.
  fileprivate func magnitude(ofInput channel: Int) -> Float {
    let taps = shape[2] * shape[3]
    var greatest: Float = 0
    for output in 0..<shape[0] {
      let first = (output * shape[1] + channel) * taps
      for value in values[first..<first + taps] { greatest = max(greatest, abs(value)) }
    }
    return greatest
  }
}
