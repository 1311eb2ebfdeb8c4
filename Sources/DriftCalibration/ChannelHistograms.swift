import DriftGraph
import DriftReference

/// A histogram of each channel of some values, over whole trajectories.
package struct ChannelHistograms: Sendable {
  /// Bins of a channel: enough for a few levels, and a quarter of what a whole tensor gets, since there are many channels.
  private static let binCount = 1024

  /// One for each channel.
  package private(set) var channels: [ActivationHistogram]

  private init(channels: Int) {
    self.channels = [ActivationHistogram](repeating: ActivationHistogram(bins: Self.binCount), count: channels)
  }

  private mutating func add(_ values: UnsafeBufferPointer<Float>) {
    let pixels = values.count / channels.count
    for channel in channels.indices {
      channels[channel].add(UnsafeBufferPointer(rebasing: values[channel * pixels..<(channel + 1) * pixels]))
    }
  }

  private mutating func merge(_ other: ChannelHistograms) {
    for channel in channels.indices { channels[channel].merge(other.channels[channel]) }
  }

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
      histograms[node]?.add(values)
    }
    return lanes.dropFirst().reduce(into: lanes[0]) { result, lane in
      for (node, histograms) in lane { result[node]?.merge(histograms) }
    }
  }
}
