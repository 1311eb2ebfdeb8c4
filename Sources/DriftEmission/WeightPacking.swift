import DriftFormat

/// The layout of convolution weights in a file: blocks of 16 output channels by 4 input channels, which every kernel streams in order.
public enum WeightPacking {
  /// Packs weights into `[ceil(outputs/16)][taps][ceil(inputs/4)][16][4]`, padding with zeros.
  ///
  /// - Parameters:
  ///   - weights: `[outputs][inputs][taps]` row-major (as PyTorch stores a convolution), values in [-127, 127].
  ///   - taps: kernel height times kernel width.
  public static func pack(_ weights: [Int8], outputs: Int, inputs: Int, taps: Int) -> [UInt8] {
    let inputBlocks = (inputs + 3) / 4
    let outputBlocks = (outputs + 15) / 16
    var packed = [UInt8](repeating: 0, count: outputBlocks * taps * inputBlocks * 64)
    for output in 0..<outputs {
      for input in 0..<inputs {
        for tap in 0..<taps {
          let block = (output / 16 * taps + tap) * inputBlocks + input / 4
          packed[block * 64 + output % 16 * 4 + input % 4] = UInt8(bitPattern: weights[(output * inputs + input) * taps + tap])
        }
      }
    }
    return packed
  }

  /// Lays packed weights out as `[taps][inputs][outputs rounded up to 16]`: the row that an event adds lies side by side.
  ///
  /// - Parameter packed: what ``pack(_:outputs:inputs:taps:)`` gave for the same numbers.
  public static func rows(ofPacked packed: [UInt8], outputs: Int, inputs: Int, taps: Int) -> [UInt8] {
    let (inputBlocks, width) = ((inputs + 3) / 4, (outputs + 15) / 16 * 16)
    var rows = [UInt8](repeating: 0, count: taps * inputs * width)
    for output in 0..<width {
      for input in 0..<inputs {
        for tap in 0..<taps {
          let block = (output / 16 * taps + tap) * inputBlocks + input / 4
          rows[(tap * inputs + input) * width + output] = packed[block * 64 + output % 16 * 4 + input % 4]
        }
      }
    }
    return rows
  }

  /// Packs the weights of a depthwise convolution into `[taps][channels rounded up to 16]`, padding with zeros.
  ///
  /// - Parameters:
  ///   - weights: `[channels][taps]` row-major, values in [-127, 127].
  ///   - taps: kernel height times kernel width.
  public static func packDepthwise(_ weights: [Int8], channels: Int, taps: Int) -> [UInt8] {
    let width = (channels + 15) / 16 * 16
    var packed = [UInt8](repeating: 0, count: taps * width)
    for channel in 0..<channels {
      for tap in 0..<taps { packed[tap * width + channel] = UInt8(bitPattern: weights[channel * taps + tap]) }
    }
    return packed
  }

  /// Sum of each output channel's weights, for the same arguments as ``pack(_:outputs:inputs:taps:)``.
  public static func sums(_ weights: [Int8], outputs: Int, inputs: Int, taps: Int) -> [Int32] {
    let row = inputs * taps
    return (0..<outputs).map { output in
      weights[output * row..<(output + 1) * row].reduce(into: Int32(0)) { $0 += Int32($1) }
    }
  }
}
