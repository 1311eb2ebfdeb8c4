import Foundation

/// Histograms of a value's occurrences, one occurrence a step of a trajectory, kept apart by their mean square. Now and then a trajectory of
/// the float sampler runs away and comes back: its values are ten times those of the others, its squared errors a hundred times, and a
/// range of least squared error over all would be its range alone. Kept apart, a runaway counts no more than others.
public struct HistogramsByPower: Sendable {
  /// Occurrences within a factor of 2^4 of mean square are counted together.
  private static let exponentsTogether = 4.0
  private static let leastClass = -20
  private static let greatestClass = 20

  /// Bins of each histogram.
  private let bins: Int
  /// By mean square: class k holds those from 2^(4 k) to 2^(4 k + 4).
  private var classes: [Int: (histograms: [ActivationHistogram], occurrences: Int)] = [:]
  /// Histograms in each class: one, or one for each channel.
  let channels: Int
  private let separates: Bool

  /// - Parameters:
  ///   - separates: false if all occurrences count together, by their squared error as it is.
  ///   - channels: histograms for each of so many equal parts of the values.
  ///   - bins: of a histogram, a power of two.
  package init(separates: Bool, channels: Int = 1, bins: Int = ActivationHistogram.binCount) {
    (self.separates, self.channels, self.bins) = (separates, channels, bins)
  }

  /// Counts the values of one occurrence. Values are finite.
  package mutating func add(_ values: UnsafeBufferPointer<Float>) {
    let key = separates ? Self.key(values) : 0
    let part = values.count / channels
    var own = classes.removeValue(forKey: key) ?? ([ActivationHistogram](repeating: .init(bins: bins), count: channels), 0)
    for channel in 0..<channels {
      own.histograms[channel].add(UnsafeBufferPointer(rebasing: values[channel * part..<(channel + 1) * part]))
    }
    own.occurrences += 1
    classes[key] = own
  }

  /// Counts everything that the other has counted.
  package mutating func merge(_ other: HistogramsByPower) {
    for (key, entry) in other.classes {
      guard var own = classes.removeValue(forKey: key) else {
        classes[key] = entry
        continue
      }
      for channel in own.histograms.indices { own.histograms[channel].merge(entry.histograms[channel]) }
      own.occurrences += entry.occurrences
      classes[key] = own
    }
  }

  /// A channel's histograms with what a squared error in each counts: as it is in those of typical power and below, and above relative to
  /// their power, so that a runaway counts as much as a typical occurrence.
  /// - Parameter weight: of the typical ones.
  package func parts(channel: Int = 0, weight: Double = 1) -> [(histogram: ActivationHistogram, weight: Double)] {
    let ordered = classes.sorted { $0.key < $1.key }
    var below = 0
    let typical =
      ordered.first { entry in
        below += entry.value.occurrences
        return 2 * below >= occurrences
      }?.key ?? 0
    return ordered.map { key, entry in
      (entry.histograms[channel], weight * exp2(-Self.exponentsTogether * Double(max(key - typical, 0))))
    }
  }

  private var occurrences: Int { classes.values.reduce(0) { $0 + $1.occurrences } }

  private static func key(_ values: UnsafeBufferPointer<Float>) -> Int {
    var sum = 0.0
    for value in values { sum += Double(value) * Double(value) }
    guard sum > 0 else { return leastClass }
    let exponent = (log2(sum / Double(values.count)) / exponentsTogether).rounded(.down)
    return Int(min(max(exponent, Double(leastClass)), Double(greatestClass)))
  }
}
