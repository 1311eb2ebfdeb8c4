/// A program with its shallow part as a second one behind it: the same layers on tensors of their own.
struct CachedProgram {
  /// Both programs' tensors and operators.
  var program: LoweredProgram
  /// The tensor that the first program keeps for the second.
  var kept: Int
  /// Operators of the first program; the second one's follow.
  var firstCount: Int
  /// The second program's answer.
  var shallowOutput: Int
  /// For each tensor behind the first program's, the one that it is a copy of.
  private var originals: [Int]
  /// Which steps run the first program.
  var isFull: [Bool]

  init(_ program: LoweredProgram, cache: StepCache) {
    var result = program
    kept = cache.cut.tensor
    firstCount = program.operators.count
    isFull = cache.isFull
    originals = []
    var copies: [Int: Int] = [:]
    for position in cache.cut.operators {
      let op = program.operators[position]
      copies[op.output] = result.tensors.count
      originals.append(op.output)
      result.tensors.append(program.tensors[op.output])
      result.operators.append(op.copied { copies[$0] ?? $0 })
    }
    shallowOutput = copies[program.output] ?? program.output
    self.program = result
  }

  /// The first program's scales for both: copies have their originals', and the kept tensor one scale for all step groups, the largest.
  func scales(_ base: ActivationScales) -> ActivationScales {
    var result = base
    let tied = tiedToKept
    for tensor in tied {
      let largest = base.ranges.map { $0[tensor] }.max { $0.scale < $1.scale }
      for group in result.ranges.indices { result.ranges[group][tensor] = largest ?? result.ranges[group][tensor] }
    }
    for group in result.ranges.indices {
      result.ranges[group] += originals.map { result.ranges[group][$0] }
    }
    return result
  }

  /// The kept tensor, and those that share its scale because one is the other enlarged.
  private var tiedToKept: Set<Int> {
    var tied: Set<Int> = [kept]
    var count = 0
    while tied.count > count {
      count = tied.count
      for op in program.operators[..<firstCount] {
        guard case .upsample(let input) = op.kind else { continue }
        if tied.contains(input) || tied.contains(op.output) { tied.formUnion([input, op.output]) }
      }
    }
    return tied
  }
}
