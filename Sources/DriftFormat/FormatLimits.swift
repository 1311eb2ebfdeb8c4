/// The numbers that `docs/format.md` gives to the verifier. A file beyond any of them is refused.
///
/// Together they prove that no integer of the engine overflows and that no float operation meets an infinity or a NaN.
public enum FormatLimits {
  /// The first eight bytes of every file, "\x89DRIFT\r\n", as a little-endian word.
  public static var magic: UInt64 { 0x0A0D_5446_4952_4489 }
  /// Kernels may read, never write, this many bytes past the end of a tensor or of scratch; the arena ends with as many unused bytes.
  public static var arenaTailBytes: UInt64 { 64 }
  /// Arena for `max_threads` threads, so that every address in it fits a 32-bit signed integer.
  public static var arenaBytes: UInt64 { 0x7FFF_FFC0 }
  /// Sections in one file, optional ones included.
  public static var sections: UInt32 { 64 }
  /// Programs, tensors, operators, constants.
  public static var records: UInt64 { 1 << 20 }
  /// Levels of an int8 tensor; a symmetric one has none for -128.
  public static func levels(symmetric: Bool) -> UInt32 { symmetric ? 254 : 255 }
  /// Height, width or channels of a tensor, elements of an array constant.
  public static var extent: UInt32 { 65535 }
  /// Elements of an array constant that goes with a whole tensor.
  public static var elements: UInt32 { 1 << 30 }
  /// Rows of a stored tensor.
  public static var storedRows: UInt32 { 1 << 24 }
  /// Kernel height or width, and stride.
  public static var kernel: UInt32 { 255 }
  /// Tensors that may be alive at one operator.
  public static var liveTensors: Int { 1024 }
  /// Tensors that are kept from step to step.
  public static var keptTensors: Int { 16 }
  /// Programs of a file with kept tensors: each may use the same constants, which are then checked as many times.
  public static var keptPrograms: Int { 4 }
  /// Threads that a file may ask memory for.
  public static var threads: UInt32 { 256 }
  /// Steps of the sampler.
  public static var steps: UInt32 { 65536 }
  /// Runs of a program for one answer: as many currents of 2^15 on top of a threshold of 2^21 keep a membrane below 2^26.
  public static var spikeSteps: UInt16 { 1024 }
  /// A threshold of neurons in units of their currents.
  public static var fireThresholds: ClosedRange<Float> { 1...0x1p21 }
  /// Steps of the training process; a float holds every timestep up to here.
  public static var trainingSteps: UInt32 { 1 << 24 }
  /// Classes, the null class included.
  public static var classes: UInt32 { 1 << 20 }
  /// Columns of the step table.
  public static var stepColumns: UInt32 { 1 << 24 }
  /// Keys of an attention: 255 * 127 for each of them stays below 2^31.
  public static var tokens: UInt64 { 66311 }

  /// Smallest magnitude of a float that is not zero. Nothing between it and zero may occur, because 32-bit NEON flushes subnormal
  /// numbers.
  public static var smallestFloat: Float { 0x1p-100 }
  /// Scales of activations and weights, and the factor of the starting noise.
  public static var scales: ClosedRange<Float> { 0x1p-40...0x1p20 }
  /// Magnitude of biases, gains and sampler coefficients.
  public static var largestCoefficient: Float { 0x1p20 }
  /// Magnitude of gamma, beta and activation tables.
  public static var largestAffine: Float { 0x1p16 }
  /// Where a bump ends.
  public static var bumpLimits: ClosedRange<Float> { 0x1p-4...0x1p6 }
  /// Sum of |c_i| * limit^i of a bump's polynomial, whose eighth power is taken.
  public static var largestBumpRoot: Float { 16 }
  /// `epsilon` of a normalization.
  public static var epsilons: ClosedRange<Float> { 0x1p-40...1 }
  /// `step_scale` of a convolution.
  public static var biasStepScales: ClosedRange<Float> { 0x1p-40...0x1p5 }
  /// `gate_scale` of a convolution.
  public static var gateScales: ClosedRange<Float> { 0x1p-40...0x1p-7 }
  /// `step_scale` of a normalization.
  public static var modulationStepScales: ClosedRange<Float> { 0x1p-40...0x1p-2 }
  /// Logit factor of an attention.
  public static var attentionGains: ClosedRange<Float> { 0x1p-40...0x1p20 }
  /// Magnitude of the factors of an estimated answer.
  public static var largestEstimateFactor: Float { 1024 }
  /// Default guidance weight.
  public static var guidance: ClosedRange<Float> { 0...1024 }
}
