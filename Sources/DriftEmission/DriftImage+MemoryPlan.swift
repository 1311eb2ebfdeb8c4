import DriftFormat

extension DriftImage {
  /// Lays out the arena: offsets of tensors and scratch, `arena_bytes`, `thread_bytes` and `arena_lower_bound` of the model.
  ///
  /// The arena is `[kept tensors][tensors][scratch of the first thread][tail]`; each further thread's scratch follows the first one's.
  ///
  /// - Throws: ``EmissionError`` if the operators do not form a program that could run (see ``EmissionError/invalid(record:reason:)``).
  public mutating func planMemory() throws(EmissionError) {
    let lifetimes = try lifetimes()
    let kept = placeKeptTensors()
    let planner = MemoryPlanner(lifetimes.filter { !isKept($0.tensor) && !isState($0.tensor) })
    var plan = planner.plan()
    plan.size += kept
    for (position, lifetime) in planner.lifetimes.enumerated() {
      tensors[lifetime.tensor].arenaOffset = kept + plan.offsets[position]
    }

    let records = tensors.map { $0.record(name: 0) }
    let scratch = records.withUnsafeBufferPointer { records in
      operators.map { ScratchSize.bytes(for: $0.record, tensors: records) }
    }
    let largest = scratch.max() ?? 0
    for index in operators.indices {
      operators[index].record.scratch_bytes = scratch[index]
      operators[index].record.scratch_offset = scratch[index] == 0 ? 0 : plan.size
    }
    model.thread_bytes = largest
    model.arena_bytes = plan.size + largest + FormatLimits.arenaTailBytes
    model.arena_lower_bound = kept + (scratch.enumerated().map { planner.liveBytes[$0] + $1 }.max() ?? 0)
  }
}

extension DriftImage.Tensor {
  /// The tensor as the file holds it.
  func record(name: UInt32) -> drift_tensor {
    var record = drift_tensor()
    record.name = name
    record.type = type.rawValue
    record.flags = flags
    record.height = UInt32(clamping: height)
    record.width = UInt32(clamping: width)
    record.channels = UInt32(clamping: channels)
    record.channel_stride = UInt32(clamping: channelStride)
    if let levels {
      record.levels = UInt32(clamping: levels)
    } else if type == DRIFT_TYPE_INT8 {
      record.levels = FormatLimits.levels(symmetric: record.isSymmetric)
    }
    record.arena_offset = arenaOffset
    record.byte_length = UInt64(clamping: byteLength)
    return record
  }
}
