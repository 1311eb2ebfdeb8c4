/// What to generate.
public struct Request {
  /// Seed of all noise.
  public var seed: UInt64
  /// Which of the samples of that seed.
  public var sampleIndex: UInt32
  /// The class, or -1 for none: then a conditional model takes its null class.
  public var classLabel: Int32
  /// Weight of classifier-free guidance; 1 means none, and one evaluation a step.
  public var guidance: Float
  /// Starting noise in NCHW order, as many values as the sample has, instead of that of `seed`.
  public var noise: UnsafePointer<Float>?

  /// A request; only the seed is needed.
  public init(
    seed: UInt64, sampleIndex: UInt32 = 0, classLabel: Int32 = -1, guidance: Float = 1, noise: UnsafePointer<Float>? = nil
  ) {
    self.seed = seed
    self.sampleIndex = sampleIndex
    self.classLabel = classLabel
    self.guidance = guidance
    self.noise = noise
  }
}
