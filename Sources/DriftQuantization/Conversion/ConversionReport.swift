/// What a conversion did, for people and for `convert --report`.
public struct ConversionReport: Codable, Sendable {
  /// A convolution or linear layer.
  public struct Layer: Codable, Sendable {
    /// Path of the module in the checkpoint.
    public var name: String
    /// Output channels, input channels, kernel.
    public var shape: [Int]
    /// Multiply-adds of one evaluation.
    public var multiplyAdds: Int
    /// Bits of the activations that it multiplies: 8 or 16.
    public var activationBits: Int
    /// Signal to noise of the weights' rounding, in dB.
    public var weightSQNR: Double
    /// Signal to noise of the operand's rounding and clipping, in dB, mean over step groups.
    public var operandSQNR: Double
  }

  /// Layers in the order in which they run.
  public var layers: [Layer]
  /// First step of each step group, then the number of steps.
  public var groupBounds: [Int]
  /// Trajectories of calibration and their seed.
  public var calibrationSamples: Int
  /// Seed of the calibration's noise.
  public var calibrationSeed: UInt64
  /// Signal to noise of the noise prediction on states of the calibration sampler with other seeds, in dB, per step.
  public var validationSQNR: [Double]
  /// Present if guidance was made cheaper.
  public var guidance: GuidanceReport?
  /// What is kept from step to step; nil: nothing.
  public var stepCache: StepCacheReport?
  /// Present if ranges were weighed by pictures.
  public var clipping: ClippingReport?
  /// Present if step groups were weighed against events.
  public var eventGroups: EventGroupReport?
  /// Present if thresholds were searched.
  public var thresholds: ThresholdReport?
}
