import CDriftFormat
import CDriftKernels
import DriftFormat

/// A convolution that keeps its sums: it brings them up to date by whichever way is cheapest, then requantizes all of them.
extension Convolution {
  func integrate(_ executor: Executor, _ operation: drift_operator, _ index: Int) {
    guard let membranes else { return }
    if ownPixels.isEmpty { return }
    let tracer = executor.operand(operation.inputs.0)
    let sent = EventTensor(executor.operand(operation.inputs.2))
    let totals = drift_count_events(sent.lists, UInt32(truncatingIfNeeded: tracer.pixels))
    let isFresh = executor.isFresh(operation.inputs.0)
    let strategy = choose(executor, totals)
    count(executor, operation, index, strategy, tracer, sent)
    if strategy == .dense {
      if phases == 1 { runStrips() } else { runPhases() }
    } else {
      if isFresh { clear(membranes) }
      var parts = parts
      while let part = parts.next() {
        var synapses = synapses(executor, operation, tracer, sent, phase: part.phase)
        let (first, count) = (UInt32(truncatingIfNeeded: part.pixels.lowerBound), UInt32(truncatingIfNeeded: part.pixels.count))
        if strategy == .gather {
          drift_gather_events(&synapses, kernels, first, count)
        } else {
          drift_scatter_events(&synapses, kernels, first, count)
        }
      }
    }
    settle(membranes)
  }

  /// This thread's pixels of one phase.
  struct Part {
    var phase: Int
    var pixels: Range<Int>
  }

  /// This thread's pixels, phase by phase; without phases there is one. (No sequence: those bring arrays along, which boards do not have.)
  struct Parts {
    let units: Range<Int>, unitsOfPhase: Int, pixelsOfUnit: Int, phases: Int
    var phase = 0

    mutating func next() -> Part? {
      while phase < phases {
        let first = phase &* unitsOfPhase
        let (low, high) = (max(units.lowerBound &- first, 0), min(units.upperBound &- first, unitsOfPhase))
        phase &+= 1
        if low < high { return Part(phase: phase &- 1, pixels: low &* pixelsOfUnit..<high &* pixelsOfUnit) }
      }
      return nil
    }
  }

  var parts: Parts {
    phases == 1
      ? Parts(units: ownPixels, unitsOfPhase: outputPixels, pixelsOfUnit: 1, phases: 1)
      : Parts(units: ownPixels, unitsOfPhase: phaseHeight, pixelsOfUnit: outputWidth / 2, phases: phases)
  }

  private var outputPixels: Int { outputHeight &* outputWidth }
  private var blocks: Int { (channels &+ 15) / 16 }
  /// Pixels of a phase.
  private var phasePixels: Int { outputPixels / phases }

  /// By the costs of multiplications and additions; without lists only anew.
  private func choose(_ executor: Executor, _ totals: drift_event_totals) -> SpikingOptions.Strategy {
    if totals.unlisted != 0 { return .dense }
    let strategy = executor.spiking.strategy
    if strategy != .automatic { return strategy }
    let costs = executor.spiking.costs
    func float(_ value: Int) -> Float { drift_f32_from_i32(Int32(truncatingIfNeeded: min(value, 1 &<< 30))) }
    let outputs = float(16 &* blocks)
    // Output pixels that an input pixel reaches through any tap, on average: strides reach fewer, enlargement more.
    let reach = float(taps) * float(phasePixels) * float(phases) / float(inputPixels)
    let operations = float(Int(truncatingIfNeeded: totals.events)) * reach * outputs
    let visits = float(taps) * float(outputPixels)
    let dense = costs.denseOperation * visits * outputs * float(4 &* words)
    let gather = costs.gatherTap * visits + costs.gatherOperation * operations
    let scatter =
      costs.scatterTap * float(Int(truncatingIfNeeded: totals.senders)) * reach + costs.scatterOperation * operations
    if gather <= scatter { return gather <= dense ? .gather : .dense }
    return scatter <= dense ? .scatter : .dense
  }

  private func synapses(
    _ executor: Executor, _ operation: drift_operator, _ tracer: Executor.Operand, _ sent: EventTensor, phase: Int
  ) -> drift_synapses {
    let shift = phases == 1 ? operation.upsample : 0
    let rowBytes = roundUp(phases &* channels, to: 16)
    let rows = executor.file.data(of: Int(truncatingIfNeeded: operation.constants.4)).assumingMemoryBound(to: Int8.self)
    let (down, right) = (Int32(truncatingIfNeeded: phase &>> 1), Int32(truncatingIfNeeded: phase & 1))
    let width = phases == 1 ? outputWidth : outputWidth / 2
    let membranes = executor.operand(operation.inputs.3).base.assumingMemoryBound(to: Int32.self)
    return drift_synapses(
      lists: sent.lists, events: sent.events, rows: rows + phase &* channels, tap_bytes: rowBytes &* tracer.channels,
      row_bytes: rowBytes, kernel_height: operation.kernel_height, kernel_width: operation.kernel_width, stride: operation.stride,
      pad_top: Int32(truncatingIfNeeded: operation.pad_top) &- down,
      pad_left: Int32(truncatingIfNeeded: operation.pad_left) &- right,
      shift: shift, height: UInt32(truncatingIfNeeded: tracer.height) &<< shift,
      width: UInt32(truncatingIfNeeded: tracer.width) &<< shift,
      output_height: UInt32(truncatingIfNeeded: phasePixels / width), output_width: UInt32(truncatingIfNeeded: width),
      membranes: membranes + phase &* phasePixels &* Membranes.blockOutputs,
      block_stride: outputPixels &* Membranes.blockOutputs, blocks: UInt32(truncatingIfNeeded: blocks),
      runs: UnsafeMutableRawPointer(indirection.table).assumingMemoryBound(to: drift_run.self))
  }

  /// This thread's membranes, at rest.
  private func clear(_ membranes: Membranes) {
    var parts = parts
    while let part = parts.next() {
      let first = part.phase &* phasePixels &+ part.pixels.lowerBound
      for block in 0..<blocks {
        membranes.of(pixel: first, block: block).update(repeating: 0, count: part.pixels.count &* Membranes.blockOutputs)
      }
    }
  }

  /// Requantizes this thread's membranes.
  private func settle(_ membranes: Membranes) {
    var parts = parts
    while let part = parts.next() {
      let first = part.phase &* phasePixels &+ part.pixels.lowerBound
      if phases == 1 {
        settle(membranes, membrane: first, pixel: first, step: 1, phase: 0, count: part.pixels.count)
        continue
      }
      let width = outputWidth / 2
      for y in part.pixels.lowerBound / width..<part.pixels.upperBound / width {
        let pixel = (2 &* y &+ part.phase &>> 1) &* outputWidth &+ (part.phase & 1)
        settle(
          membranes, membrane: part.phase &* phasePixels &+ y &* width, pixel: pixel, step: 2, phase: part.phase, count: width)
      }
    }
  }

  /// A row of pixels, `step` apart in the output.
  private func settle(_ membranes: Membranes, membrane: Int, pixel: Int, step: Int, phase: Int, count: Int) {
    for block in 0..<blocks {
      let output = 16 &* block, channel = phase &* channels &+ output
      var tile = drift_tile(
        taps: 0, words: 0, pixels: UInt32(truncatingIfNeeded: count),
        columns: UInt32(truncatingIfNeeded: min(16, channels &- output)), pair: 0, offset: drift_zero_offsets(),
        multiplier: multipliers + channel, bias: biases + channel, row_factor: nil, residual: nil,
        residual_stride: step &* (residual?.stride ?? 0), residual_gain: residualGain, next: nil)
      if let residual { tile.residual = UnsafePointer(residual.int16 + (pixel &* residual.stride &+ output)) }
      var target = whole
      target.stride = step &* outputStride
      target.base = whole.base + (pixel &* outputStride &+ output) &* valueBytes
      kernels.pointee.settle(membranes.of(pixel: membrane, block: block), &tile, &target)
    }
  }

  /// Notes what is about to be done, if somebody counts.
  private func count(
    _ executor: Executor, _ operation: drift_operator, _ index: Int, _ strategy: SpikingOptions.Strategy,
    _ tracer: Executor.Operand, _ sent: EventTensor
  ) {
    guard executor.team.member == 0, let activity = executor.spiking.activity, index < activity.count else { return }
    switch strategy {
    case .gather: activity[index].gather &+= 1
    case .scatter: activity[index].scatter &+= 1
    default: activity[index].dense &+= 1
    }
    for phase in 0..<phases {
      var synapses = synapses(executor, operation, tracer, sent, phase: phase)
      activity[index].synapticOperations &+= drift_synaptic_operations(&synapses, UInt32(truncatingIfNeeded: channels))
    }
  }
}
