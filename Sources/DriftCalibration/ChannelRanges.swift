import DriftGraph
import DriftReference

/// Least and greatest value and mean square of each channel of some values, over whole trajectories.
package struct ChannelRanges: Sendable {
  package private(set) var lows: [Float]
  package private(set) var highs: [Float]
  private var moments: ChannelMoments

  private init(channels: Int) {
    lows = [Float](repeating: .infinity, count: channels)
    highs = [Float](repeating: -.infinity, count: channels)
    moments = ChannelMoments(channels: channels)
  }

  /// Mean square of each channel.
  package var meanSquares: [Double] { moments.meanSquares }

  private mutating func add(_ values: UnsafeBufferPointer<Float>) {
    moments.add(values)
    let pixels = values.count / lows.count
    for channel in lows.indices {
      for value in values[channel * pixels..<(channel + 1) * pixels] {
        lows[channel] = min(lows[channel], value)
        highs[channel] = max(highs[channel], value)
      }
    }
  }

  private mutating func merge(_ other: ChannelRanges) {
    moments.merge(other.moments)
    for channel in lows.indices {
      lows[channel] = min(lows[channel], other.lows[channel])
      highs[channel] = max(highs[channel], other.highs[channel])
    }
  }

  /// Ranges of nodes on the float sampler's walk.
  /// - Parameters:
  ///   - nodes: of the checkpoint's graph.
  ///   - samples: trajectories of the calibration seed.
  /// - Throws: `ReferenceError` if the model cannot be evaluated.
  package static func measure(
    _ nodes: Set<NodeID>, of checkpoint: Checkpoint, plan: SamplerPlan, samples: Int, options: CalibrationOptions
  ) throws -> [NodeID: ChannelRanges] {
    let sampler = ReferenceSampler(checkpoint: checkpoint, plan: plan)
    let lanes = try Calibration.walk(sampler, checkpoint, samples: samples, options: options) {
      Dictionary(uniqueKeysWithValues: nodes.map { ($0, ChannelRanges(channels: checkpoint.graph[$0].shape.channels)) })
    } tap: { ranges, _, node, values in
      ranges[node]?.add(values)
    }
    return lanes.dropFirst().reduce(into: lanes[0]) { result, lane in
      for (node, ranges) in lane { result[node]?.merge(ranges) }
    }
  }
}
