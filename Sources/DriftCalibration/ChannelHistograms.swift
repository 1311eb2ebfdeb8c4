import DriftGraph
import DriftReference

/// A histogram of each channel of some values, over whole trajectories.
package struct ChannelHistograms: Sendable {
  /// Bins of a channel: enough for a few levels, and a quarter of what a whole tensor gets, since there are many channels.
  private static let binCount = 1024

  private var occurrences: HistogramsByPower
  private let count: Int

  private init(channels: Int) {
    occurrences = HistogramsByPower(separates: true, channels: channels, bins: Self.binCount)
    count = channels
  }

  /// Of each channel, with what a squared error counts: in each occurrence relative to the power of all channels.
  package var channels: [[(histogram: ActivationHistogram, weight: Double)]] { (0..<count).map { occurrences.parts(channel: $0) } }

  /// Histograms of nodes on the float sampler's walk.
  /// - Parameters:
  ///   - nodes: of the checkpoint's graph.
  ///   - samples: trajectories of the calibration seed.
  /// - Throws: `ReferenceError` if the model cannot be evaluated.
  package static func measure(
    _ nodes: Set<NodeID>, of checkpoint: Checkpoint, plan: SamplerPlan, samples: Int, options: CalibrationOptions
  ) throws -> [NodeID: ChannelHistograms] {
    let sampler = ReferenceSampler(checkpoint: checkpoint, plan: plan)
    let lanes = try Calibration.walk(sampler, checkpoint, samples: samples, options: options) {
      Dictionary(uniqueKeysWithValues: nodes.map { ($0, ChannelHistograms(channels: checkpoint.graph[$0].shape.channels)) })
    } tap: { histograms, _, node, values in
      histograms[node]?.occurrences.add(values)
    }
    return lanes.dropFirst().reduce(into: lanes[0]) { result, lane in
      for (node, histograms) in lane { result[node]?.occurrences.merge(histograms.occurrences) }
    }
  }
}
