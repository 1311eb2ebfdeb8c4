/// Sum and sum of squares of each channel of a value.
public struct ChannelMoments: Sendable {
  private var sums: [Double]
  private var squares: [Double]
  private var count = 0.0

  package init(channels: Int) {
    sums = [Double](repeating: 0, count: channels)
    squares = sums
  }

  /// Adds one sample, channels first.
  mutating func add(_ values: UnsafeBufferPointer<Float>) {
    let pixels = values.count / sums.count
    for channel in sums.indices {
      var sum: Float = 0
      var square: Float = 0
      for value in values[channel * pixels..<(channel + 1) * pixels] {
        sum += value
        square += value * value
      }
      sums[channel] += Double(sum)
      squares[channel] += Double(square)
    }
    count += Double(pixels)
  }

  mutating func merge(_ other: ChannelMoments) {
    for channel in sums.indices {
      sums[channel] += other.sums[channel]
      squares[channel] += other.squares[channel]
    }
    count += other.count
  }

  /// Mean of each channel.
  public var means: [Double] { sums.map { count > 0 ? $0 / count : 0 } }

  /// Mean square of each channel.
  public var meanSquares: [Double] { squares.map { count > 0 ? $0 / count : 0 } }
}
