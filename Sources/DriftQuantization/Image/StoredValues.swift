import CDriftFormat
import DriftCalibration
import DriftGraph
import DriftReference

/// Tensors that depend on the timestep and class alone, evaluated once by the converter: context, position embeddings, tokens of the time.
struct StoredValues {
  /// What a tensor holds for each row, channels first.
  private(set) var rows: [NodeID: [[Float]]] = [:]
  private(set) var kinds: [NodeID: LoadedRow] = [:]

  /// - Parameters:
  ///   - program: its LOAD operators say what is needed.
  ///   - denoiser: evaluates them.
  init(_ program: LoweredProgram, denoiser: FloatDenoiser, plan: SamplerPlan) throws {
    for op in program.operators { if case .load(let row) = op.kind { kinds[program.tensors[op.output].node] = row } }
    guard !kinds.isEmpty, let first = plan.steps.first else { return }
    let classes = max(denoiser.graph.classCount, 1)
    let conditional = denoiser.graph.classCount > 0
    for (index, step) in plan.steps.enumerated() {
      guard index == 0 || kinds.values.contains(.ofStep) else { break }
      for row in 0..<classes * program.spikeSteps {
        let (label, spikingStep) = (row % classes, row / classes)
        let results = try denoiser.evaluateTimePart(
          timestep: step.timestep, classLabel: conditional ? label : nil, spikingStep: spikingStep)
        for (node, kind) in kinds {
          let isWanted =
            kind == .ofStep
            || step.timestep == first.timestep && index == 0 && spikingStep == 0 && (kind == .ofClass || label == 0)
          if isWanted { rows[node, default: []].append(results[node] ?? []) }
        }
      }
    }
  }

  /// The values of a node as a constant of the file: every row in the tensor's layout, channels fastest, in strides of a multiple of four.
  /// - Parameters:
  ///   - levels: of 8-bit values; nil: 16-bit ones.
  ///   - range: of a row.
  func bytes(_ node: NodeID, _ shape: Shape, levels: OperandLevels?, range: (_ row: Int) -> OperandRange) -> [UInt8] {
    let stride = (shape.channels + 3) / 4 * 4
    var bytes: [UInt8] = []
    for (index, row) in (rows[node] ?? []).enumerated() {
      let range = range(index)
      let lowest = Float(levels?.lowest ?? -32767)
      let highest = Float(levels?.highest ?? 32767)
      for pixel in 0..<shape.pixels {
        for channel in 0..<stride {
          var value: Int32 = 0
          if channel < shape.channels, row.count == shape.count {
            let real = row[channel * shape.pixels + pixel] / range.scale + Float(range.zeroPoint)
            value = Int32(min(max(real, lowest), highest).rounded(.toNearestOrEven))
          }
          if levels == nil {
            withUnsafeBytes(of: Int16(value).littleEndian) { bytes += $0 }
          } else {
            bytes.append(UInt8(bitPattern: Int8(value)))
          }
        }
      }
    }
    return bytes
  }
}
