import CDriftFormat

extension Verifier {
  /// Rules 402 to 408: tensors that are alive together share no bytes, scratch suffices, and the stated lower bound is right.
  ///
  /// Lifetimes are not stored but follow from one walk through each program's operators from the last to the first: going backwards, a
  /// tensor comes alive at the first operator that is seen to read it and ends at the one that writes it. The set of living tensors is
  /// kept in the order of their offsets, so each newcomer is compared with its two neighbours only.
  func verifyMemoryPlan() throws(DriftError) {
    var largestScratch: UInt64 = 0
    for index in 0..<file.operators.count {
      largestScratch = max(largestScratch, try verifyScratch(index))
    }
    guard file.model.thread_bytes == largestScratch else {
      throw modelError(
        .threadBytesMismatch, DRIFT_AT_model_thread_bytes, expected: largestScratch, found: file.model.thread_bytes)
    }
    var peak: UInt64 = 0
    for program in file.programs {
      peak = max(peak, try peakBytes(of: program))
    }
    peak += keptRegionBytes
    guard file.model.arena_lower_bound == peak else {
      throw modelError(
        .lowerBoundMismatch, DRIFT_AT_model_arena_lower_bound, expected: peak, found: file.model.arena_lower_bound)
    }
  }

  /// Scratch lies behind the tensors and is as large as the engine needs; returns its size.
  private func verifyScratch(_ index: Int) throws(DriftError) -> UInt64 {
    let operation = file.operators[index]
    let need = ScratchSize.bytes(for: operation, tensors: file.tensors)
    guard operation.scratch_bytes >= need else {
      throw operatorError(
        .scratchTooSmall, index, DRIFT_AT_operator_scratch_bytes, expected: need, found: operation.scratch_bytes)
    }
    let offset = operation.scratch_bytes == 0 ? 0 : tensorBytes
    guard operation.scratch_offset == offset, operation.scratch_bytes % UInt64(DRIFT_ALIGNMENT) == 0 else {
      throw operatorError(
        .scratchMisplaced, index, DRIFT_AT_operator_scratch_offset, expected: offset, found: operation.scratch_offset)
    }
    return operation.scratch_bytes
  }

  /// Walks one program backwards; returns the largest sum of living bytes and scratch at any operator.
  private func peakBytes(of program: drift_program) throws(DriftError) -> UInt64 {
    var live = LiveSet(file.tensors)
    for tensor in 0..<stateTensors.lowerBound { try add(tensor, to: &live) }
    try add(Int(program.output_tensor), to: &live)
    var peak: UInt64 = 0
    for index in operators(of: program).reversed() {
      let operation = file.operators[index]
      for position in 0..<Int(DRIFT_MAX_INPUTS) where operation.input(position) != .absent {
        let input = Int(operation.input(position))
        // Kept tensors and state have a part of the arena to themselves.
        if !isKept(input) && !stateTensors.contains(input) { try add(input, to: &live) }
      }
      let output = Int(operation.output)
      let bytes = live.bytes + operation.scratch_bytes
      guard isKept(output) || live.remove(output) else {
        throw tensorError(.tensorUnused, output, 0, found: UInt64(output))
      }
      peak = max(peak, bytes)
    }
    return peak
  }

  private func add(_ tensor: Int, to live: inout LiveSet) throws(DriftError) {
    switch live.insert(tensor) {
    case .added, .present:
      break
    case .full:
      throw tensorError(.liveSetTooLarge, tensor, 0, expected: UInt64(FormatLimits.liveTensors), found: UInt64(tensor))
    case .overlaps(let other):
      throw tensorError(
        .tensorsOverlap, tensor, DRIFT_AT_tensor_arena_offset, expected: UInt64(other),
        found: file.tensors[tensor].arena_offset)
    }
  }
}
