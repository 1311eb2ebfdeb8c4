import DriftRuntime

/// What a comparison measures.
public struct ComparisonOptions: Sendable {
  /// Pictures of each side.
  public var samples: Int
  /// Seed of their noise; the calibration's seed is never used (`Comparison.heldOutSeed`).
  public var seed: UInt64
  /// Weight of classifier-free guidance.
  public var guidance: Float
  /// How a spiking program runs; nil: as is fastest.
  public var spiking: SpikingOptions?
  /// Samples that are computed side by side.
  public var workers: Int

  /// 64 held-out samples without guidance on two threads.
  public init(samples: Int = 64, seed: UInt64 = 0, guidance: Float = 1, workers: Int = 2, spiking: SpikingOptions? = nil) {
    self.samples = samples
    self.seed = seed
    self.guidance = guidance
    self.workers = workers
    self.spiking = spiking
  }
}
