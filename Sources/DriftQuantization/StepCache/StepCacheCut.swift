/// A place to cut an integer program in two: everything that the answer needs besides one tensor is the shallow part, which runs at every
/// step; the tensor itself may come from an earlier one.
struct StepCacheCut {
  /// The tensor that is kept.
  var tensor: Int
  /// The shallow part: positions in the program's list.
  var operators: [Int]
  /// Of int8 operands in one run of the shallow part.
  var multiplyAdds: Int
}

extension LoweredProgram {
  /// Multiply-adds of int8 operands in one run of an operator; a 16-bit operand counts twice.
  func multiplyAdds(of op: LoweredOperator) -> Int {
    let shape = tensors[op.output].shape
    switch op.kind {
    case .convolution(let layer):
      let planes = tensors[layer.input].representation == .pair ? 2 : 1
      let taps = layer.upsample == .phases ? 4 : layer.convolution.taps
      let inputs = layer.isDepthwise ? 1 : tensors[layer.input].shape.channels
      return planes * taps * inputs * shape.channels * shape.pixels
    case .attention: return 2 * shape.pixels * shape.pixels * shape.channels
    default: return 0
    }
  }

  /// Multiply-adds of the whole program.
  var multiplyAdds: Int { operators.reduce(0) { $0 + multiplyAdds(of: $1) } }

  /// Every cut through a single trunk tensor that saves at least a quarter of the multiply-adds and whose shallow part still sees the
  /// sample, the one with the least work first. Of cuts with equal work the one furthest from the answer stays: least of what is computed
  /// from it comes from an earlier step.
  func stepCacheCuts() -> [StepCacheCut] {
    let whole = multiplyAdds
    var cuts: [StepCacheCut] = []
    for op in operators.reversed() where tensors[op.output].representation == .trunk {
      guard let cut = stepCacheCut(at: op.output), cut.multiplyAdds * 4 <= whole * 3 else { continue }
      cuts.removeAll { $0.multiplyAdds == cut.multiplyAdds }
      cuts.append(cut)
    }
    return cuts.sorted { $0.multiplyAdds < $1.multiplyAdds }
  }

  /// What the answer needs besides one tensor; nil if that is not the sample, or the answer does not need the tensor at all.
  private func stepCacheCut(at kept: Int) -> StepCacheCut? {
    var needed: Set<Int> = [output]
    var shallow: [Int] = []
    var readsKept = false
    for (position, op) in operators.enumerated().reversed() where op.output != kept && needed.contains(op.output) {
      shallow.append(position)
      needed.formUnion(op.inputs)
      readsKept = readsKept || op.inputs.contains(kept)
    }
    guard readsKept, needed.contains(input) else { return nil }
    let work = shallow.reduce(0) { $0 + multiplyAdds(of: operators[$1]) }
    return StepCacheCut(tensor: kept, operators: shallow.reversed(), multiplyAdds: work)
  }

  /// The cut whose shallow part is the least work.
  /// - Throws: `StepCacheError` if there is no cut at all.
  func cheapestCut() throws(StepCacheError) -> StepCacheCut {
    guard let cut = stepCacheCuts().first else { throw .noCut }
    return cut
  }

  /// Refuses what this program cannot have, before the minutes of calibration.
  func checkCache(_ choice: StepCacheChoice, steps: Int) throws(StepCacheError) {
    try choice.check(steps: steps)
    switch choice {
    case .none: break
    case .interval, .automatic: _ = try cheapestCut()
    }
  }
}
