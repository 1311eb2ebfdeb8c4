/// How an integer program is cached: what is kept, and which steps run the whole program.
struct StepCache {
  /// What the shallow part is.
  var cut: StepCacheCut
  /// For each step, whether the whole program runs; the first one's does.
  var isFull: [Bool]

  /// Every `interval`-th step in full, from the first on.
  init(cut: StepCacheCut, steps: Int, interval: Int) {
    self.init(cut: cut, isFull: (0..<steps).map { $0 % interval == 0 })
  }

  init(cut: StepCacheCut, isFull: [Bool]) {
    self.cut = cut
    self.isFull = isFull
  }

  /// Mean multiply-adds of a step, of a program that takes `whole` in full.
  func multiplyAddsPerStep(whole: Int) -> Double {
    let full = isFull.filter(\.self).count
    return (Double(full) * Double(whole) + Double(isFull.count - full) * Double(cut.multiplyAdds)) / Double(isFull.count)
  }
}

/// What to keep from step to step, as `convert --step-cache` takes it.
public enum StepCacheChoice: Sendable, Equatable {
  /// Every step runs the whole program.
  case none
  /// Every n-th step runs it; between them the shallowest part that still sees the sample.
  case interval(Int)
  /// The least work whose pictures reach this median PSNR to the float ones on calibration seeds, in dB.
  case automatic(bound: Double)

  /// Median PSNR that `auto` asks for.
  public static let standardBound = 35.0

  /// - Throws: `StepCacheError` for an interval that a sampler of so many steps cannot have, and for any cache with a single step.
  public func check(steps: Int) throws(StepCacheError) {
    switch self {
    case .none: return
    case .interval(let interval):
      guard steps >= 2 else { throw .singleStep }
      guard interval >= 2, interval <= steps else { throw .interval(interval, steps: steps) }
    case .automatic: guard steps >= 2 else { throw .singleStep }
    }
  }
}
