/// The numbers that `docs/format.md` gives to the verifier. A file beyond any of them is refused.
public enum FormatLimits {
  /// Kernels may read this many bytes past the end of a tensor; the arena ends with as many unused bytes.
  public static let arenaTailBytes: UInt64 = 64
  /// Arena for `max_threads` threads, so that every address in it fits a 32-bit signed integer.
  public static let arenaBytes: UInt64 = 0x7FFF_FFC0
  /// Sections in one file, optional ones included.
  public static let sections: UInt32 = 64
  /// Height, width or channels of a tensor.
  public static let extent: UInt32 = 65535
  /// Tensors that may be alive at one operator.
  public static let liveTensors = 1024
  /// Threads that a file may ask memory for.
  public static let threads: UInt32 = 256
  /// Smallest magnitude of a float constant that is not zero. Nothing between it and zero may occur, because 32-bit NEON flushes
  /// subnormal numbers.
  public static let smallestFloat: Float = 0x1p-100
  /// Scales of activations and weights.
  public static let scales: ClosedRange<Float> = 0x1p-40...0x1p20
  /// Magnitude of biases, gains and sampler coefficients.
  public static let largestCoefficient: Float = 0x1p20
  /// Magnitude of gamma, beta and activation tables.
  public static let largestAffine: Float = 0x1p16
  /// `epsilon` of a normalization.
  public static let epsilons: ClosedRange<Float> = 0x1p-40...1
  /// `step_scale` of a convolution.
  public static let biasStepScales: ClosedRange<Float> = 0x1p-40...0x1p5
  /// `step_scale` of a normalization.
  public static let modulationStepScales: ClosedRange<Float> = 0x1p-40...0x1p-2
  /// Logit factor of an attention.
  public static let attentionGains: ClosedRange<Float> = 0x1p-40...0x1p20
}
