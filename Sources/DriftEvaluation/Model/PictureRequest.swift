/// One picture to make, as both the float reference and the integer program understand it.
public struct PictureRequest: Sendable {
  /// Seed of all noise.
  public var seed: UInt64
  /// Which of the samples of that seed.
  public var sampleIndex: UInt32
  /// The class; nil: none, which a conditional model takes as its null class.
  public var classLabel: Int?
  /// Weight of classifier-free guidance; 1: none.
  public var guidance: Float
  /// Starting noise, channels first, instead of that of the seed.
  public var noise: [Float]?

  /// A request; only the seed is needed.
  public init(seed: UInt64, sampleIndex: UInt32 = 0, classLabel: Int? = nil, guidance: Float = 1, noise: [Float]? = nil) {
    self.seed = seed
    self.sampleIndex = sampleIndex
    self.classLabel = classLabel
    self.guidance = guidance
    self.noise = noise
  }
}
