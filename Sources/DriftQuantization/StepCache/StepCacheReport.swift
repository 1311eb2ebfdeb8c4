/// What a step cache keeps and saves, for people and for `convert --json`.
public struct StepCacheReport: Codable, Sendable {
  /// A cache that `auto` has measured.
  public struct Trial: Codable, Sendable {
    /// Node whose value is kept.
    public var cut: String
    /// Number of steps that run the whole program.
    public var fullSteps: Int
    /// Exponent of their placement: 1 is even, less leans to the clean end, more to the noisy one.
    public var placement: Double
    /// Mean int8 multiply-adds of a step.
    public var multiplyAddsPerStep: Double
    /// Median PSNR to the float pictures on calibration seeds, in dB.
    public var psnrDb: Double
  }

  /// Node whose value is kept.
  public var cut: String
  /// Its channels, height and width.
  public var shape: [Int]
  /// Steps that run the whole program, ascending.
  public var fullSteps: [Int]
  /// Int8 multiply-adds of one run of the whole program.
  public var fullMultiplyAdds: Int
  /// Of its shallow part.
  public var shallowMultiplyAdds: Int
  /// Mean of a step.
  public var multiplyAddsPerStep: Double
  /// What `auto` was to reach on calibration seeds, in dB; nil for a fixed interval.
  public var boundDb: Double?
  /// What it measured, in the order in which it did.
  public var trials: [Trial]

  init(_ cache: StepCache, in program: LoweredProgram, boundDb: Double? = nil, trials: [Trial] = []) {
    let tensor = program.tensors[cache.cut.tensor]
    cut = tensor.name
    shape = [tensor.shape.channels, tensor.shape.height, tensor.shape.width]
    fullSteps = cache.isFull.indices.filter { cache.isFull[$0] }
    fullMultiplyAdds = program.multiplyAdds
    shallowMultiplyAdds = cache.cut.multiplyAdds
    multiplyAddsPerStep = cache.multiplyAddsPerStep(whole: program.multiplyAdds)
    self.boundDb = boundDb
    self.trials = trials
  }
}
