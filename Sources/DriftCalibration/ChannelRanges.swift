/// Least and greatest value and mean square of each channel of some values, over whole trajectories.
package struct ChannelRanges: ChannelCollector {
  package private(set) var lows: [Float]
  package private(set) var highs: [Float]
  private var moments: ChannelMoments

  package init(channels: Int) {
    lows = [Float](repeating: .infinity, count: channels)
    highs = [Float](repeating: -.infinity, count: channels)
    moments = ChannelMoments(channels: channels)
  }

  /// Mean square of each channel.
  package var meanSquares: [Double] { moments.meanSquares }

  package mutating func add(_ values: UnsafeBufferPointer<Float>) {
    moments.add(values)
    let pixels = values.count / lows.count
    for channel in lows.indices {
      for value in values[channel * pixels..<(channel + 1) * pixels] {
        lows[channel] = min(lows[channel], value)
        highs[channel] = max(highs[channel], value)
      }
    }
  }

  package mutating func merge(_ other: ChannelRanges) {
    moments.merge(other.moments)
    for channel in lows.indices {
      lows[channel] = min(lows[channel], other.lows[channel])
      highs[channel] = max(highs[channel], other.highs[channel])
    }
  }
}
