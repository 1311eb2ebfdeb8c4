import DriftCalibration
import DriftGraph
import DriftReference

/// Everything that depends on the timestep and class alone, evaluated once by the converter: rows of 16-bit values that operators add to
/// their bias or modulate by.
struct StepTable {
  /// Where an operator finds its values.
  struct Slot {
    var column: Int
    var scale: Float
  }

  /// Row-major, [steps * spiking steps * max(classes, 1)][columns].
  var values: [Int16] = []
  var columns = 0
  /// By the node whose value is stored.
  var slots: [NodeID: Slot] = [:]

  /// A table without values.
  init() {}

  /// - Parameters:
  ///   - nodes: values that depend on time and class alone.
  ///   - denoiser: evaluates them.
  ///   - spikeSteps: how often the program runs at a step of the sampler.
  init(nodes: Set<NodeID>, denoiser: FloatDenoiser, plan: SamplerPlan, spikeSteps: Int = 1) throws {
    guard !nodes.isEmpty else { return }
    let classes = max(denoiser.graph.classCount, 1)
    let conditional = denoiser.graph.classCount > 0
    let stepRows = spikeSteps * classes
    let rowCount = plan.steps.count * stepRows
    let ordered = nodes.sorted()
    let lanes = try LaneRunner.run { lane in
      try stride(from: lane, to: rowCount, by: LaneRunner.laneCount).map { row in
        let results = try denoiser.evaluateTimePart(
          timestep: plan.steps[row / stepRows].timestep, classLabel: conditional ? row % classes : nil,
          spikingStep: row % stepRows / classes)
        return ordered.flatMap { results[$0] ?? [] }
      }
    }
    let rows = (0..<rowCount).map { lanes[$0 % LaneRunner.laneCount][$0 / LaneRunner.laneCount] }
    var scales: [Float] = []
    for node in ordered {
      let width = denoiser.graph[node].shape.channels
      var greatest: Float = 0
      for row in rows { greatest = row[columns..<columns + width].reduce(greatest) { max($0, abs($1)) } }
      let scale = max(greatest / 32767, OperandRange.leastScale)
      slots[node] = Slot(column: columns, scale: scale)
      scales += [Float](repeating: scale, count: width)
      columns += width
    }
    values = rows.flatMap { row in
      zip(row, scales).map { Int16(min(max(($0 / $1).rounded(.toNearestOrEven), -32767), 32767)) }
    }
  }
}
