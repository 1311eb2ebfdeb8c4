import DriftGraph

/// What calibration has seen: per value and per segment of steps. A segment is one sampler step, or a run of them where there are many.
public struct CalibrationStatistics: Sendable {
  /// More segments than this bring nothing and cost memory.
  public static let greatestSegmentCount = 100

  package let segmentOfStep: [Int]
  package private(set) var operands: [NodeID: [HistogramsByPower]]
  /// Greatest magnitude.
  public private(set) var magnitudes: [NodeID: [Float]]
  package private(set) var channels: [NodeID: ChannelMoments]

  package var segmentCount: Int { (segmentOfStep.last ?? -1) + 1 }

  /// Steps of each segment.
  public var segments: [Range<Int>] {
    var result: [Range<Int>] = []
    for (step, segment) in segmentOfStep.enumerated() {
      if segment == result.count { result.append(step..<step + 1) } else { result[segment] = result[segment].lowerBound..<step + 1 }
    }
    return result
  }

  init(_ targets: CalibrationTargets, graph: Graph, steps: Int) {
    let count = min(steps, Self.greatestSegmentCount)
    segmentOfStep = (0..<steps).map { $0 * count / steps }
    let empty = HistogramsByPower(separates: targets.countsByPower)
    operands = .init(uniqueKeysWithValues: targets.operands.map { ($0, [HistogramsByPower](repeating: empty, count: count)) })
    magnitudes = .init(uniqueKeysWithValues: targets.trunk.map { ($0, [Float](repeating: 0, count: count)) })
    channels = .init(uniqueKeysWithValues: targets.channelMoments.map { ($0, ChannelMoments(channels: graph[$0].shape.channels)) })
  }

  /// Counts a node's values, which the float reference has found finite.
  mutating func add(_ node: NodeID, _ values: UnsafeBufferPointer<Float>, step: Int) {
    let segment = segmentOfStep[step]
    operands[node]?[segment].add(values)
    if let before = magnitudes[node]?[segment] {
      var greatest = before
      for value in values { greatest = max(greatest, abs(value)) }
      magnitudes[node]?[segment] = greatest
    }
    channels[node]?.add(values)
  }

  mutating func merge(_ other: CalibrationStatistics) {
    for (node, histograms) in other.operands {
      for (segment, occurrences) in histograms.enumerated() { operands[node]?[segment].merge(occurrences) }
    }
    for (node, values) in other.magnitudes {
      magnitudes[node] = magnitudes[node].map { zip($0, values).map { max($0, $1) } }
    }
    for (node, moments) in other.channels { channels[node]?.merge(moments) }
  }
}
