import DriftGraph
import DriftReference

/// What is seen of each channel of a value over whole trajectories, whatever their order.
package protocol ChannelCollector: Sendable {
  /// Nothing seen yet.
  init(channels: Int)

  /// Takes in a value, channels first.
  mutating func add(_ values: UnsafeBufferPointer<Float>)

  /// Takes in what another has seen.
  mutating func merge(_ other: Self)
}

extension ChannelCollector {
  /// Collects from nodes on the float sampler's walk.
  /// - Parameters:
  ///   - nodes: of the checkpoint's graph.
  ///   - samples: trajectories of the calibration seed.
  /// - Throws: `ReferenceError` if the model cannot be evaluated.
  package static func measure(
    _ nodes: Set<NodeID>, of checkpoint: Checkpoint, plan: SamplerPlan, samples: Int, options: CalibrationOptions
  ) throws -> [NodeID: Self] {
    let sampler = ReferenceSampler(checkpoint: checkpoint, plan: plan)
    let lanes = try Calibration.walk(sampler, checkpoint, samples: samples, options: options) {
      Dictionary(uniqueKeysWithValues: nodes.map { ($0, Self(channels: checkpoint.graph[$0].shape.channels)) })
    } tap: { collectors, _, node, values in
      collectors[node]?.add(values)
    }
    return lanes.dropFirst().reduce(into: lanes[0]) { result, lane in
      for (node, collector) in lane { result[node]?.merge(collector) }
    }
  }
}
