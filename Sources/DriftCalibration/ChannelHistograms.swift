/// A histogram of each channel of some values, over whole trajectories.
package struct ChannelHistograms: ChannelCollector {
  /// Bins of a channel: enough for a few levels, and a quarter of what a whole tensor gets, since there are many channels.
  private static let binCount = 1024

  private var occurrences: HistogramsByPower

  package init(channels: Int) {
    occurrences = HistogramsByPower(separates: true, channels: channels, bins: Self.binCount)
  }

  /// Of each channel, with what a squared error in each counts, by the power of all channels together.
  package var channels: [[(histogram: ActivationHistogram, weight: Double)]] {
    (0..<occurrences.channels).map { occurrences.parts(channel: $0) }
  }

  package mutating func add(_ values: UnsafeBufferPointer<Float>) { occurrences.add(values) }

  package mutating func merge(_ other: ChannelHistograms) { occurrences.merge(other.occurrences) }
}
