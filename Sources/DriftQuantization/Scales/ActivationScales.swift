import DriftCalibration
import DriftGraph

/// Scale and zero point of every tensor of an integer program in every step group.
struct ActivationScales: Sendable {
  var grouping: StepGrouping
  /// [group][tensor]
  var ranges: [[OperandRange]]
}

extension LoweredProgram {
  /// Chooses step groups and scales from what calibration has seen.
  func chooseScales(_ statistics: CalibrationStatistics, groups choice: StepGroupChoice, weighting: CalibrationWeighting)
    -> ActivationScales
  {
    let segmentWeights = weights(of: statistics, weighting)
    let excess = operandErrors(statistics)
    let bySegment = StepGrouping.choose(choice, excess: excess, weights: segmentWeights)
    let ranges = bySegment.groups.map { segments in
      tensors.indices.map { index in
        // What the class alone decides is stored once, hence has one scale.
        let segments = storedOnce.contains(index) ? 0..<statistics.segmentCount : segments
        var range = range(of: tensors[index], statistics, segments, segmentWeights)
        if saturated.contains(index) { range.scale = min(range.scale, Self.saturatedScale) }
        // A threshold has 2^20 units at most: neurons that no current comes near to need no finer ones.
        if let threshold = thresholds[index] { range.scale = max(range.scale, threshold * 0x1p-20) }
        return range
      }
    }
    let steps = statistics.segments
    let grouping = StepGrouping(
      groups: bySegment.groups.map { steps[$0.lowerBound].lowerBound..<steps[$0.upperBound - 1].upperBound })
    return ActivationScales(grouping: grouping, ranges: ranges).tyingUpsampled(in: self)
  }

  /// Tensors that functions read which are constant beyond +-8, where their tables end, hold no more than that.
  private static let saturatedScale: Float = 8 / 32767

  /// Loaded tensors that are the same at every step.
  private var storedOnce: Set<Int> {
    Set(
      operators.compactMap { op in
        if case .load(let row) = op.kind, row != .ofStep { op.output } else { nil }
      })
  }

  private func weights(of statistics: CalibrationStatistics, _ weighting: CalibrationWeighting) -> [Double] {
    let weights = weighting.weights(steps: statistics.segmentOfStep.count)
    return statistics.segments.map { segment in segment.reduce(0) { $0 + weights[$1] } }
  }

  /// [tensor][t][t']: error of operand values of segment t under the range that is best for segment t', relative to their power.
  private func operandErrors(_ statistics: CalibrationStatistics) -> [[[Double]]] {
    tensors.compactMap { tensor in
      guard let histograms = statistics.operands[tensor.node], let levels = tensor.levels, tensor.trained == nil else { return nil }
      let moments = histograms.map { ClippingMoments(weighted: $0.parts()) }
      let ranges = moments.map { OperandRange.search($0, levels) }
      return moments.map { own in
        ranges.map { $0.cost(own, levels) / max(own.power, .leastNormalMagnitude) }
      }
    }
  }

  private func range(
    of tensor: LoweredTensor, _ statistics: CalibrationStatistics, _ segments: Range<Int>, _ weights: [Double]
  ) -> OperandRange {
    if let trained = tensor.trained { return trained.range }
    if let levels = tensor.levels {
      let parts = (statistics.operands[tensor.node] ?? []).enumerated().filter { segments.contains($0.offset) }
      let moments = ClippingMoments(weighted: parts.flatMap { $0.element.parts(weight: weights[$0.offset]) })
      return .search(moments, levels)
    }
    if [.float, .membrane, .sum].contains(tensor.representation) { return OperandRange(scale: 1, zeroPoint: 0) }
    // Sixteen bits have room to spare: twice the greatest value of the neighbouring segments too costs one bit and makes clipping rare.
    let magnitudes = statistics.magnitudes[tensor.node] ?? []
    let near = max(segments.lowerBound - 1, 0)..<min(segments.upperBound + 1, magnitudes.count)
    let greatest = near.reduce(0) { max($0, magnitudes[$1]) }
    let limit: Float = tensor.representation == .trunk ? 32767 : 32639
    return OperandRange(scale: max(2 * greatest / limit, OperandRange.leastScale), zeroPoint: 0)
  }
}

extension ActivationScales {
  /// An enlarged tensor is a copy: it has its input's scale.
  fileprivate func tyingUpsampled(in program: LoweredProgram) -> ActivationScales {
    var result = self
    for op in program.operators {
      guard case .upsample(let input) = op.kind else { continue }
      for group in result.ranges.indices { result.ranges[group][op.output] = result.ranges[group][input] }
    }
    return result
  }
}
